"""The one door for XML that came from outside: no DTD, no entities, no network, bounded depth and size."""

from lxml import etree

from micro_integrator.kit.errors import MicroIntegratorError

MAX_DEPTH = 256
"""Nesting that no honest document reaches; also keeps recursive readers off the stack's end. libxml2 sees to it."""
_TOO_DEEP = "Excessive depth"
_TOO_LONG = "XML_PARSE_HUGE"
"""In libxml2's words about its limit: an option that is not for those who write documents."""


class XmlError(MicroIntegratorError):
    """The text is not acceptable XML; `line` and `column` count from 1 (0 = unknown)."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


def parse(content: bytes | str, *, keep_blanks: bool = True) -> etree._Element:
    """Return the root element. Raises XmlError for malformed text, a DOCTYPE, or too deep nesting.

    What a `str` declares as its encoding counts for nothing: it was that of the bytes it was read from.
    """
    raw, encoding = (content.encode(), "utf-8") if isinstance(content, str) else (content, None)
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_blank_text=not keep_blanks,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        # what follows in a second line is a piece of the document
        reason = (error.msg or "not well-formed").rsplit(", line ", 1)[0].strip().partition("\n")[0]
        if reason.startswith(_TOO_DEEP):
            reason = f"elements are nested deeper than {MAX_DEPTH} levels"
        elif _TOO_LONG in reason:
            reason = "one text or attribute is longer than 10 MB"
        raise XmlError(reason, line or 0, column or 0) from error
    except ValueError as error:  # an encoding declaration that contradicts the text, a NUL byte
        raise XmlError(str(error)) from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise XmlError("DTD is not allowed", 1, 1)
    return root
