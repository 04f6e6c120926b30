"""Content-Type taken apart."""

import codecs
from email.message import Message as MailMessage

DEFAULT_CHARSET = "utf-8"


def media_type_of(content_type: str) -> str:
    """Return the media type in lower case, without parameters; empty for an empty header."""
    return content_type.partition(";")[0].strip().lower()


def charset_of(content_type: str) -> str:
    """Return the charset parameter; UTF-8 when it is missing or names no charset we know."""
    return _parameter(content_type, "charset") if "charset" in content_type.lower() else DEFAULT_CHARSET


def _parameter(content_type: str, name: str) -> str:
    header = MailMessage()
    header["Content-Type"] = content_type
    charset = header.get_param(name)
    try:
        return codecs.lookup(str(charset)).name
    except LookupError:
        return DEFAULT_CHARSET
