"""Secrets in a payload that somebody has written to the log. ◇

Whatever ends with one of NAMES, in any case: members of JSON, elements and attributes of XML.
"""

import re

from micro_integrator.observability import MASK

NAMES = ("password", "passwd", "secret", "token", "authorization", "cookie", "api_key", "api-key", "apikey")

_NAME = f"(?:{'|'.join(NAMES)})"
# the text may end within a value
_MEMBER = re.compile(rf'({_NAME}"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\Z)|-?[0-9][0-9.eE+-]*)', re.IGNORECASE)
# with any number of attributes behind it, every such word of a long text would be searched for its end
_ELEMENT = re.compile(rf"({_NAME}(?:\s[^<>]{{0,100}})?>)[^<]+(?=</|\Z)", re.IGNORECASE)
_ATTRIBUTE = re.compile(rf"({_NAME}=)(?:\"[^\"<]*(?:\"|\Z)|'[^'<]*(?:'|\Z))", re.IGNORECASE)


def without_secrets(payload: str) -> str:
    """Return JSON text, or the markup of a document, with a mask in place of what must not be seen."""
    payload = _MEMBER.sub(rf'\1"{MASK}"', payload)
    payload = _ELEMENT.sub(rf"\1{MASK}", payload)
    return _ATTRIBUTE.sub(rf'\1"{MASK}"', payload)
