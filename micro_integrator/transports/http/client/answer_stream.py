"""The body of an answer that is still on its way, as a message reads it."""

from micro_integrator.transports.http.incoming import Arriving, Incoming


class AnswerStream(Arriving):
    """The body of an answer; fulfils `synapse.Stream`. Abandoned early, it closes the connection."""

    __slots__ = ("length",)

    def __init__(self, incoming: Incoming, length: int | None) -> None:
        super().__init__(incoming)
        self.length = length
        """Bytes of the whole body, None when the back end has not said so."""

    @property
    def is_complete(self) -> bool:
        """Whether the last byte has arrived: `everything` returns the body."""
        return self._incoming.is_complete

    def everything(self) -> bytes:
        """Return a complete body in one piece."""
        return self._incoming.everything()

    def __del__(self) -> None:
        self._incoming.forget()  # a message that is dropped must not hold a connection
