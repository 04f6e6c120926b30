"""How the management API says no: one form for every answer that is not what was asked for."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from micro_integrator.kit import MicroIntegratorError


class Refused(MicroIntegratorError):
    """A call is not carried out; the text is what its caller reads."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers

    def answer(self) -> JSONResponse:
        """Return the answer to send."""
        return refusal(self.status, self.text, self.headers)


def refusal(status: int, text: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the answer with an HTTP `status` that tells why."""
    return JSONResponse({"Error": text, "code": status}, status, headers=headers)
