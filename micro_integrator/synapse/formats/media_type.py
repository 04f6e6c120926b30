"""Content-Type taken apart."""

import codecs
from email.message import Message as MailMessage
from functools import lru_cache

DEFAULT_CHARSET = "utf-8"
_NOTATIONS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
"""Codecs of Python that are ways to write text down, and no charset of anybody."""


@lru_cache(maxsize=256)
def media_type_of(content_type: str) -> str:
    """Return the media type in lower case, without parameters; empty for an empty header."""
    return content_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=256)
def charset_of(content_type: str) -> str:
    """Return the charset parameter; UTF-8 when it is missing or names no charset we know."""
    charset = named_charset(content_type)
    return charset if is_charset(charset) else DEFAULT_CHARSET


def named_charset(content_type: str) -> str:
    """Return the charset parameter as it is written; empty when there is none."""
    if "charset" not in content_type.lower():
        return ""
    header = MailMessage()
    header["Content-Type"] = content_type
    return str(header.get_param("charset", ""))


def boundary_in(content_type: str) -> str:
    """Return what separates the parts of a multipart body; empty when that is not said."""
    header = MailMessage()
    header["Content-Type"] = content_type
    return header.get_boundary("")


def is_charset(name: str) -> bool:
    """Return whether text can be written in the charset `name`."""
    return bool(_codec(name))


def is_same_charset(one: str, other: str) -> bool:
    """Return whether two names mean the same charset."""
    return _codec(one) == _codec(other)


@lru_cache(maxsize=64)
def _codec(name: str) -> str:
    try:
        "".encode(name)  # some codecs are not for text, such as hex
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return "" if found in _NOTATIONS else found
