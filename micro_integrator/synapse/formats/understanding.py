"""Content without a media type - files, resources of the registry - taken for what it looks like."""

from lxml import etree

from micro_integrator.kit import XmlError, parse


def understood(raw: bytes) -> etree._Element | str | bytes:
    """Return an element when `raw` is a document, else text when it is UTF-8, else the bytes."""
    if raw.lstrip()[:1] == b"<":
        try:
            return parse(raw)
        except XmlError:
            pass  # text that merely begins like a document
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
