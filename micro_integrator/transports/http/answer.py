"""An answer while its bytes arrive: the call-backs of the parser, and the rules on what has a body. ◇

Informational answers (100, 102, 103) are passed over. No body: HEAD, 204, 205 and 304, whatever their headers say.
"""

from collections.abc import Callable

import httptools

MAX_HEAD = 65536
"""Bytes of status line and headers."""
MAX_FIELDS = 256

_BODILESS = frozenset({204, 205, 304})
_SWITCHING = 101


class TooLarge(Exception):
    """The answer has more bytes than it may."""


class Answer:
    """One answer; `is_complete` turns true when its last byte is here. `read` raises what the parser raises."""

    __slots__ = (
        "_is_head", "_max_body", "_parser", "_raw_head", "_size", "body", "fields", "has_head", "is_clean", "is_complete",
        "reason", "status",
    )  # fmt: skip

    def __init__(self, *, is_head: bool, max_body: int) -> None:
        self.status = 0
        self.reason = ""
        self.fields: list[tuple[str, str]] = []
        self.body: list[bytes] = []
        self.has_head = False
        self.is_complete = False
        self.is_clean = True
        """Whether the connection stands exactly behind this answer, ready for another exchange."""
        self._is_head, self._max_body = is_head, max_body
        self._raw_head = self._size = 0
        self._parser = httptools.HttpResponseParser(self)

    def read(self, chunk: bytes) -> None:
        """Take bytes. Raises httptools.HttpParserError, or TooLarge."""
        if self.is_complete:
            self.is_clean = False
            return
        self._raw_head += len(chunk)
        try:
            self._parser.feed_data(chunk)
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from error
        except httptools.HttpParserError:
            if not self.is_complete:
                raise
            self.is_clean = False  # the answer is whole, what follows it is rubbish
        if not self.has_head and self._raw_head > MAX_HEAD:
            raise TooLarge(f"its head has more than {MAX_HEAD} bytes")

    def end(self) -> bool:
        """Tell that nothing will follow; return whether the answer is complete like that."""
        is_until_close = self.has_head and not self.is_complete and not self._is_framed()
        self.is_complete = self.is_complete or is_until_close
        self.is_clean = False
        return self.is_complete

    @property
    def keeps_alive(self) -> bool:
        """Whether the back end will take another request on this connection."""
        return self.is_clean and bool(self._parser.should_keep_alive())

    def _is_framed(self) -> bool:
        return any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in self.fields)

    # ---- call-backs of the parser --------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A status line follows; after a complete answer nobody asked for one."""
        if self.is_complete:
            self.is_clean = False

    def on_status(self, text: bytes) -> None:
        """Keep the reason; it may come in pieces."""
        if not self.is_complete:
            self.reason += text.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a field of the head; trailers are passed over."""
        if self.has_head:
            return
        if len(self.fields) >= MAX_FIELDS:
            raise TooLarge(f"it has more than {MAX_FIELDS} headers")
        self.fields.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Decide whether a body follows."""
        if self.is_complete:
            return
        status = self._parser.get_status_code()
        if status < 200 and status != _SWITCHING:
            return
        self.status, self.has_head = status, True
        if self._is_head or status in _BODILESS:
            self.is_complete = True
            # the parser may go on to wait for a body that never comes: it is not used again

    def on_body(self, chunk: bytes) -> None:
        """Keep a piece of the body."""
        if self.is_complete:
            self.is_clean = False
            return
        self._size += len(chunk)
        if self._size > self._max_body:
            raise TooLarge(f"its body has more than {self._max_body} bytes")
        self.body.append(chunk)

    def on_message_complete(self) -> None:
        """The last byte is here, or that of an informational answer."""
        if self.has_head:
            self.is_complete = True
        elif not self.is_complete:
            self.reason = ""
            self.fields.clear()
