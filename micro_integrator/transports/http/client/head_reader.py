"""The bytes of an answer up to the end of its head, in whatever pieces they arrive. ◇"""

from micro_integrator.transports.http.client.answer_head import (
    AnswerHead,
    NotHttp,
    Unusable,
    read_head,
)
from micro_integrator.transports.http.limits import BARE_LINE_END, EMPTY_LINE, MAX_HEAD

_BEGINNING = b"HTTP/1."


class AnswerHeadReader:
    """Reads one head after the other; informational ones are passed over."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def has_begun(self) -> bool:
        """Whether a part of a head is here."""
        return bool(self._held)

    def read(self, data: bytes) -> tuple[AnswerHead, bytes, int] | None:
        """Take bytes; return a head, the bytes that hold the rest, and where in them it begins.

        None while the head is not complete. Raises NotHttp, Unusable.
        """
        if self._held and (data := self._with_held(data)) == b"":
            return None
        begin = 0
        while (end := data.find(EMPTY_LINE, begin)) >= 0:
            if end + len(EMPTY_LINE) - begin > MAX_HEAD:
                raise _too_large()
            head = read_head(data[begin:end])
            begin = end + len(EMPTY_LINE)
            if head.status >= 200:
                return head, data, begin
        self.keep(data[begin:])
        return None

    def keep(self, data: bytes) -> None:
        """Keep the beginning of a head, unless it is none. Raises NotHttp, Unusable."""
        known = len(self._held)
        self._held += data
        beginning = self._held[: len(_BEGINNING)]
        if not _BEGINNING.startswith(beginning):
            raise NotHttp(f"{bytes(self._held[:40])!r} is no status line")
        if len(self._held) > MAX_HEAD:
            raise _too_large()
        if BARE_LINE_END.search(self._held, known) and EMPTY_LINE not in self._held:
            # the end that is waited for would not come; behind the end, in a hasty answer, a body may have any bytes
            raise NotHttp("a line ends without CR")

    def take_kept(self) -> bytes:
        """Return what was kept, and forget it."""
        kept = bytes(self._held)
        self._held.clear()
        return kept

    def _with_held(self, data: bytes) -> bytes:
        """Return everything that has come, or nothing as long as the head is not complete."""
        if EMPTY_LINE in self._held[-3:] + data:
            return self.take_kept() + data
        self.keep(data)
        return b""


def _too_large() -> Unusable:
    return Unusable(f"its head has more than {MAX_HEAD} bytes")
