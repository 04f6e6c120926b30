"""Bytes become payloads and payloads become bytes: builder and formatter of one media type stand in one file.

Knows nothing of messages or mediators; a formatter sees a body through `Views`. `format_of` is the catalogue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from micro_integrator.synapse.formats import form, json_payload, multipart, packed, text, xml
from micro_integrator.synapse.formats.choice import ChosenFormats
from micro_integrator.synapse.formats.content import Binary, Content, Json, Text, Xml
from micro_integrator.synapse.formats.json import JsonValue, read_json, write_json
from micro_integrator.synapse.formats.media_type import (
    DEFAULT_CHARSET,
    boundary_in,
    charset_of,
    is_charset,
    is_same_charset,
    media_type_of,
    named_charset,
)
from micro_integrator.synapse.formats.understanding import understood, understood_text
from micro_integrator.synapse.formats.views import Views
from micro_integrator.synapse.formats.xml import read_xml, standalone

__all__ = [
    "DEFAULT_CHARSET",
    "Binary",
    "ChosenFormats",
    "Content",
    "Format",
    "Json",
    "JsonValue",
    "Text",
    "Views",
    "Xml",
    "charset_of",
    "decoded",
    "format_of",
    "is_charset",
    "is_known",
    "is_same_charset",
    "media_type_of",
    "named_charset",
    "read_json",
    "read_xml",
    "standalone",
    "understood",
    "understood_text",
    "write_json",
]


@dataclass(frozen=True, slots=True)
class Format:
    """How a media type is read (`decode`) and written (`encode`); both take the charset."""

    decode: Callable[[bytes, str], Content]
    encode: Callable[[Views, str], bytes]


BINARY = Format(text.decode_binary, text.encode_binary)

_FORMATS = {
    "application/json": Format(json_payload.decode, json_payload.encode),
    "application/soap+xml": Format(xml.decode, xml.encode_soap12),
    "application/x-www-form-urlencoded": Format(form.decode, form.encode),
    "application/xml": Format(xml.decode, xml.encode_plain),
    "application/octet-stream": BINARY,
    multipart.MEDIA_TYPE: Format(multipart.decode, multipart.encode),
    "text/plain": Format(text.decode_text, text.encode_text),
    "text/xml": Format(xml.decode, xml.encode_soap11),
}


_BY_SUFFIX = {"json": _FORMATS["application/json"], "xml": _FORMATS["application/xml"]}
"""What types that are only a kind of another one are read and written as (RFC 6839)."""


def decoded(raw: bytes, content_type: str, chosen: Mapping[str, str] | None = None) -> Content:
    """Return what `raw` says, read as `content_type`; gzip is taken off first. Raises FormatError.

    `chosen`: media type → the one whose format it is read in.
    """
    media_type, charset = media_type_of(content_type), charset_of(content_type)
    if chosen:
        media_type = chosen.get(media_type, media_type)
    if raw.startswith(packed.MARK) and format_of(media_type) is not BINARY:
        raw = packed.unpacked(raw)
    if media_type == multipart.MEDIA_TYPE:
        return multipart.decode(raw, charset, boundary_in(content_type))
    return format_of(media_type).decode(raw, charset)


def is_known(media_type: str) -> bool:
    """Return whether `media_type` has a format of its own, or that of its suffix."""
    return media_type in _FORMATS or _suffix_of(media_type) in _BY_SUFFIX


def format_of(media_type: str) -> Format:
    """Return the format of `media_type` (lower case, without parameters); bytes when it is not known."""
    found = _FORMATS.get(media_type)
    return _BY_SUFFIX.get(_suffix_of(media_type), BINARY) if found is None else found


def _suffix_of(media_type: str) -> str:
    """Return `json` for application/problem+json; empty when there is none."""
    return media_type.rpartition("+")[2] if "+" in media_type else ""
