"""The way back to a page of another origin: every answer says that the page may see it."""

from micro_integrator.synapse.apis.cors import Cors
from micro_integrator.synapse.message import Headers
from micro_integrator.synapse.ports import ReplyChannel, Stream


class CorsReply:
    """A reply channel that adds headers; `allowed` is what the rules have said about the origin."""

    __slots__ = ("_allowed", "_channel", "_cors")

    def __init__(self, channel: ReplyChannel, cors: Cors, allowed: str) -> None:
        self._channel, self._cors, self._allowed = channel, cors, allowed

    @property
    def is_answered(self) -> bool:
        """Whether an answer has been given."""
        return self._channel.is_answered

    async def reply(
        self, status: int, headers: Headers, body: bytes | Stream, *, reason: str = "", is_last: bool = False
    ) -> None:
        """Answer as the channel behind does."""
        self._cors.open(headers, self._allowed)
        await self._channel.reply(status, headers, body, reason=reason, is_last=is_last)
