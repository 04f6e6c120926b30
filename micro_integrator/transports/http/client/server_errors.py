"""Back ends that answer 500: told in the log, for the content types that the settings name."""

from collections.abc import Collection

from micro_integrator.observability import get_logger
from micro_integrator.synapse import Request, Response, Sender

SERVER_ERROR = 500
EVERY = "*"

log = get_logger("TargetHandler")


class ErrorTellingSender:
    """Sends as another sender does, and logs a WARN about answers with the status 500."""

    def __init__(self, sender: Sender, media_types: Collection[str]) -> None:
        """`media_types` are those of the answers that are told, EVERY for any."""
        self._sender = sender
        self._media_types = frozenset(media_type.lower() for media_type in media_types)

    async def send(self, request: Request) -> Response:
        """Return the response. Raises what the other sender raises."""
        response = await self._sender.send(request)
        if response.status == SERVER_ERROR and self._is_told(response):
            log.warning(
                "Received an internal server error : {status} {reason} of {method} {url}",
                status=response.status,
                reason=response.reason,
                method=request.method,
                url=request.url,
            )
        return response

    def _is_told(self, response: Response) -> bool:
        if EVERY in self._media_types:
            return True
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return media_type in self._media_types
