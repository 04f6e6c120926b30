"""What the audit log tells of the management API: who came in, who was turned away, and who asked for too much."""

import uuid
from datetime import datetime

from starlette.requests import Request

from micro_integrator.observability import audit

LONGEST_NAME = 64
"""Characters of a user name that are kept: a failed login can name anything."""


class Trail:
    """Writes the audit entries of one node."""

    def __init__(self, node: str) -> None:
        self._node = node

    def logged_in(self, user: str, request: Request) -> None:
        """Tell of a login, in the reference's words."""
        when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
        self._tell(user, "logged_in", f"{user} logged in at [{when}]", request)

    def logged_out(self, user: str, request: Request) -> None:
        """Tell that a token was given back."""
        self._tell(user, "logged_out", f"{user} logged out", request)

    def failed(self, user: str, request: Request, reason: str) -> None:
        """Tell that somebody was not let in who claimed to be `user`."""
        self._tell(user, "login_failed", {"userName": user[:LONGEST_NAME]}, request, error=reason)

    def refused(self, user: str, request: Request, reason: str) -> None:
        """Tell that a user asked for something they may not have."""
        asked = {"method": request.method, "path": str(request.scope["path"])}
        self._tell(user, "refused", asked, request, error=reason)

    def _tell(
        self, user: str, action: str, subject: dict[str, str] | str, request: Request, **more: str
    ) -> None:
        about = {"node": self._node, "remote": address_of(request), "requestId": uuid.uuid4().hex}
        audit(user[:LONGEST_NAME], action, "user", subject, **about, **more)


def address_of(request: Request) -> str:
    """Return the address at the other end of the connection; `unknown` where there is none."""
    return request.client.host if request.client else "unknown"
