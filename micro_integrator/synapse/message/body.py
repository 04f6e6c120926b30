"""A message's payload: read when somebody looks, sent on as it came when nobody changed it.

    stream ──buffer()──▶ bytes ──first look──▶ content: Xml · Json · Text · Binary · None
                           │                       │
                           │ unchanged             ├─ xml(), envelope()   a tree, made for those who need one
                           ▼                       └─ json(), json_text() a JSON value, likewise
                    sent as received

Looking never changes what is sent; only the methods that begin with `set_`, `add_`, `remove_`, `use_` and `clear` do.
"""

import copy

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats import (
    Binary,
    ChosenFormats,
    Content,
    Json,
    JsonValue,
    Text,
    Xml,
    charset_of,
    decoded,
    format_of,
    is_same_charset,
    media_type_of,
    packed,
    soap,
    write_json,
)
from micro_integrator.synapse.formats.json_xml import Rules, to_json, to_xml
from micro_integrator.synapse.formats.text import wrapped
from micro_integrator.synapse.ports import Stream

DEFAULT_RULES = Rules()
USUAL_FORMATS = ChosenFormats()
MAX_BYTES = 10 * 1024 * 1024


class Body:
    """The payload of one message, in its own kind and in the views others ask for. An empty one costs nothing."""

    __slots__ = (
        "_content", "_envelope", "_is_read", "_is_shared", "_json", "_raw", "_stream", "_version", "content_type",
        "formats", "rules",
    )  # fmt: skip

    def __init__(self, content: Content = None) -> None:
        self.content_type = ""
        """The Content-Type of the bytes, as they came or were made; empty for content that has none yet."""
        self.rules, self.formats = DEFAULT_RULES, USUAL_FORMATS
        self._content = content
        self._is_read = True
        self._is_shared = False  # the tree belongs to somebody else: copied before anybody sees it
        self._raw: bytes | None = None
        self._stream: Stream | None = None
        self._envelope: etree._Element | None = None
        self._json: Json | None = None
        self._version = soap.SOAP12

    @classmethod
    def of_bytes(cls, raw: bytes, content_type: str) -> "Body":
        """Return a body over received bytes, which are not looked at yet."""
        body = cls()
        body._raw, body.content_type, body._is_read = raw, content_type, False
        return body

    @classmethod
    def of_stream(cls, stream: Stream, content_type: str) -> "Body":
        """Return a body whose bytes are still to come."""
        body = cls()
        body._stream, body.content_type, body._is_read = stream, content_type, False
        return body

    @classmethod
    def sharing(cls, content: Content) -> "Body":
        """Return a body over content that other messages use too; a tree is copied when it is first asked for."""
        body = cls(content)
        body._is_shared = isinstance(content, Xml)
        return body

    # ---- reading -------------------------------------------------------------------------------------------------

    @property
    def is_unread(self) -> bool:
        """Whether the bytes are still to come: `buffer` before looking."""
        return self._stream is not None

    @property
    def announced(self) -> int | None:
        """How many bytes are still to come, as whoever sends them has said; None when nobody has."""
        return None if self._stream is None else self._stream.length

    @property
    def may_hold_fault(self) -> bool:
        """Whether a SOAP fault can be here: of bytes that nobody has looked at, only those that speak of one."""
        if self._is_read or self._raw is None:
            return self._is_read
        return media_type_of(self.content_type) in soap.MEDIA_TYPES and _speaks_of_fault(self._raw)

    @property
    def received(self) -> bytes | None:
        """The bytes as they came, while nobody has changed what they say."""
        return self._raw

    @property
    def is_bare(self) -> bool:
        """Whether it came without an envelope, whatever its type may say, and nobody has changed it."""
        return self._raw is not None and not _is_soap(self.content())

    def take_stream(self) -> Stream | None:
        """Return what is still to come, for somebody who passes it on; nothing is left here. None when all is here."""
        stream, self._stream = self._stream, None
        if stream is not None:
            self.clear()
        return stream

    async def buffer(self, limit: int = MAX_BYTES) -> None:
        """Wait until all bytes are here. Raises FormatError when there are more than `limit`."""
        if self._stream is None:
            return
        stream, self._stream = self._stream, None
        raw = bytearray()
        async for chunk in stream:
            raw += chunk
            if len(raw) > limit:
                stream.abandon()
                self.clear()
                raise FormatError(f"The payload is larger than {limit} bytes")
        self._raw = bytes(raw)

    def content(self) -> Content:
        """Return the payload in its own kind. Raises FormatError when the bytes are not what their type says."""
        if self._is_read:
            return self._content
        if self._stream is not None:
            raise FormatError("The payload was asked for before it had arrived")
        self._is_read = True  # also when it fails: the fault sequence finds an empty body
        raw, content_type = self._raw or b"", self.content_type
        try:
            self._content = decoded(raw, content_type, self.formats.read)
        except FormatError:
            self.clear()
            raise
        return self._content

    @property
    def is_empty(self) -> bool:
        """Whether there is no payload."""
        return self.content() is None

    @property
    def is_json(self) -> bool:
        """Whether the payload is JSON by itself, not only by conversion."""
        return isinstance(self.content(), Json)

    def json(self) -> JsonValue:
        """Return the payload as a JSON value; XML is converted. Raises FormatError when there is none."""
        return self._as_json().value

    def json_text(self) -> str:
        """Return the payload as JSON text: the received text itself where there is one."""
        found = self._as_json()
        return write_json(found.value) if found.text is None else found.text

    def xml(self) -> etree._Element | None:
        """Return the payload element, None when the body is empty. Not to be changed in place."""
        return soap.payload_of(self.envelope())

    def envelope(self) -> etree._Element:
        """Return the SOAP envelope around the payload; one is made for payloads that came without."""
        if self._envelope is None:
            element = self._as_element()
            if element is not None and soap.is_envelope(element):
                self._envelope = element
            else:
                self._envelope = soap.new_envelope(self._version, element)
        return self._envelope

    @property
    def soap_version(self) -> str:
        """The namespace of the envelope: SOAP 1.1 or 1.2."""
        is_made = self._envelope is not None or _is_soap(self.content())
        return soap.version_of(self.envelope()) if is_made else self._version

    def _as_json(self) -> Json:
        content = self.content()
        if isinstance(content, Json):
            return content
        if self._json is None:
            payload = self.xml()
            if payload is None:
                raise FormatError("Json Payload is empty.")
            self._json = Json(to_json(payload, self.rules))
        return self._json

    def _as_element(self) -> etree._Element | None:
        content = self.content()
        if isinstance(content, Xml):
            if self._is_shared:
                self._is_shared = False
                content = self._content = Xml(copy.deepcopy(content.root))
            return content.root
        if isinstance(content, Json):
            return to_xml(content.value, self.rules)
        return wrapped(content) if isinstance(content, Text | Binary) else None

    # ---- writing -------------------------------------------------------------------------------------------------

    def set_content(self, content: Content) -> None:
        """Replace the payload, and the envelope when `content` is one; header blocks of a kept envelope stay."""
        if self._stream is not None:
            self._stream.abandon()
        envelope = self._envelope
        self._content, self._raw, self._stream, self._json = content, None, None, None
        self._is_read, self._is_shared, self.content_type = True, False, ""
        if envelope is None or soap.header_of(envelope) is None or _is_soap(content):
            self._envelope = None
            return
        payload = self._as_element()
        body = soap.body_of(envelope)
        del body[:]
        if payload is not None:
            body.append(payload)

    def set_bytes(self, raw: bytes, content_type: str) -> None:
        """Replace the payload by bytes that are not looked at yet; header blocks of a kept envelope stay."""
        if self._envelope is not None and soap.header_of(self._envelope) is not None:
            self.set_content(decoded(raw, content_type, self.formats.read))
            return
        self.clear()
        self._raw, self.content_type, self._is_read = raw, content_type, False

    def clear(self) -> None:
        """Leave nothing."""
        self._envelope = None
        self.set_content(None)

    def use_soap(self, version: str) -> None:
        """Make the envelope one of `version`; header blocks and payload stay."""
        self._version = version
        if _is_soap(self.content()) or self._envelope is not None:
            envelope = self.envelope()
            if soap.version_of(envelope) != version:
                self._envelope = soap.in_version(envelope, version)
                self._forget_bytes()
        if not _is_soap(self._content):
            self._raw = None  # a payload that came without an envelope goes out in one

    def add_header_block(self, block: etree._Element) -> None:
        """Append a block to the SOAP header, which is made when there is none."""
        soap.ensure_header(self.envelope()).append(block)
        self._forget_bytes()

    def remove_header_blocks(self, name: str) -> None:
        """Remove all blocks called `name` (`{namespace}local`) from the SOAP header."""
        header = soap.header_of(self.envelope())
        if header is not None:
            for block in header.findall(name):
                header.remove(block)
            self._forget_bytes()

    def written(self, media_type: str, charset: str, *, is_plain: bool = False) -> bytes:
        """Return the bytes to send: those received when they are of that type and unchanged.

        `is_plain` writes the payload of text/xml without an envelope; one that came without stays without.
        """
        received_as = media_type_of(self.content_type)
        is_same_type = received_as == media_type and is_same_charset(charset_of(self.content_type), charset)
        if self._raw is not None and is_same_type:
            return self._raw
        is_bare = is_plain or (received_as == media_type and self.is_bare)
        usual = "application/xml" if is_bare and media_type == "text/xml" else media_type
        return format_of(self.formats.written.get(media_type, usual)).encode(self, charset)

    def _forget_bytes(self) -> None:
        """An envelope was changed: bytes that hold it are out of date, those of a bare payload are not."""
        if _is_soap(self._content):
            self._raw, self._content = None, Xml(self.envelope())


def _speaks_of_fault(raw: bytes) -> bool:
    """Return whether bytes of an envelope name a fault; those in gzip are unpacked, and passed on if they cannot be."""
    try:
        return b"Fault" in (packed.unpacked(raw) if raw.startswith(packed.MARK) else raw)
    except FormatError:
        return False


def _is_soap(content: Content) -> bool:
    return isinstance(content, Xml) and soap.is_envelope(content.root)
