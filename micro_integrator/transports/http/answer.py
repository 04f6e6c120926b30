"""An answer while its bytes arrive: what the parser calls back, and which answers have a body. ◇

Informational answers (100, 102, 103) are passed over. No body: HEAD, 204, 205 and 304, whatever their headers say.
"""

import httptools

MAX_HEAD = 65536
"""Bytes of status line and headers."""
MAX_FIELDS = 256

_BODILESS = frozenset({204, 205, 304})
_SWITCHING = 101


class NotHttp(Exception):
    """The bytes are no answer to a request of ours."""


class Unusable(Exception):
    """The answer is HTTP, but more of it than we take."""


class Answer:
    """One answer; `is_complete` turns true when its last byte is here."""

    __slots__ = (
        "_is_head", "_max_body", "_parser", "_seen", "_size",
        "body", "fields", "has_head", "is_complete", "keeps_alive", "reason", "status",
    )  # fmt: skip

    def __init__(self, *, is_head: bool, max_body: int) -> None:
        self.status = 0
        self.reason = ""
        self.fields: list[tuple[str, str]] = []
        self.body: list[bytes] = []
        self.has_head = self.is_complete = False
        self.keeps_alive = False
        """Whether another request may follow: the back end says so, and not a byte too many has come."""
        self._is_head, self._max_body = is_head, max_body
        self._seen = self._size = 0
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    @property
    def has_begun(self) -> bool:
        """Whether a single byte has come."""
        return self._seen > 0

    def read(self, chunk: bytes) -> None:
        """Take bytes. Raises NotHttp, Unusable."""
        parser = self._parser
        if parser is None:
            self.keeps_alive = False  # bytes that nobody asked for
            return
        self._seen += len(chunk)
        try:
            parser.feed_data(chunk)
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserError as error:
            if not self.is_complete:
                raise NotHttp(str(error)) from error
            self.keeps_alive = False  # the answer is whole, rubbish follows it
        if self.is_complete:
            self._parser = None  # it refers back to this object
        elif not self.has_head and self._seen > MAX_HEAD:
            raise Unusable(f"its head has more than {MAX_HEAD} bytes")

    def end(self) -> bool:
        """Take the end of the connection; return whether that completes the answer."""
        self.keeps_alive, self._parser = False, None
        self.is_complete = self.is_complete or (self.has_head and not self._is_framed())
        return self.is_complete

    def _is_framed(self) -> bool:
        return any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in self.fields)

    def _complete(self) -> None:
        self.is_complete = True
        # only here: the parser forgets it afterwards
        self.keeps_alive = self._parser is not None and bool(self._parser.should_keep_alive())

    # ---- what the parser calls back ------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Another answer begins; after a complete one nobody asked for it."""
        if self.is_complete:
            self.keeps_alive = False

    def on_status(self, text: bytes) -> None:
        """Keep the reason phrase, which may come in pieces."""
        if not self.is_complete:
            self.reason += text.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a field of the head; trailers are passed over."""
        if self.has_head:
            return
        if len(self.fields) >= MAX_FIELDS:
            raise Unusable(f"it has more than {MAX_FIELDS} headers")
        self.fields.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Decide whether a body may follow."""
        if self._parser is None or self.is_complete:
            return
        status = self._parser.get_status_code()
        if status == _SWITCHING:
            raise NotHttp("it changes to a protocol that nobody asked for")
        if status < 200:
            return
        self.status, self.has_head = status, True
        if self._is_head or status in _BODILESS:
            self._complete()

    def on_body(self, chunk: bytes) -> None:
        """Keep a piece of the body."""
        if self.is_complete:
            self.keeps_alive = False
            return
        self._size += len(chunk)
        if self._size > self._max_body:
            raise Unusable(f"its body has more than {self._max_body} bytes")
        self.body.append(chunk)

    def on_message_complete(self) -> None:
        """The last byte is here, or that of an informational answer."""
        if self.is_complete:
            return
        if self.has_head:
            self._complete()
        else:
            self.reason = ""
            self.fields.clear()
