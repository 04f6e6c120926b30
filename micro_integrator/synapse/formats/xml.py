"""application/xml, text/xml and SOAP: a document is read once; plain XML goes out as the payload alone."""

import codecs
import copy
import re

from lxml import etree

from micro_integrator.kit import XmlError, parse
from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats import soap
from micro_integrator.synapse.formats.content import Xml
from micro_integrator.synapse.formats.views import Views

_DECLARED_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']""")
_UTF8 = codecs.lookup("utf-8")


def read_xml(raw: bytes | str) -> etree._Element:
    """Return the root element of `raw`. Raises FormatError with line and column."""
    try:
        return parse(raw)
    except XmlError as error:
        raise FormatError(
            f"Invalid XML payload: {error.reason} at line {error.line} column {error.column}"
        ) from error


def standalone(element: etree._Element) -> etree._Element:
    """Return a copy of `element` as a document of its own, without what it only inherited from where it stood."""
    alone = copy.deepcopy(element)
    alone.tail = None
    declared = [part.nsmap for part in alone.iter(etree.Element)]
    if not any(namespaces.get(None) for namespaces in declared):  # then xmlns="" says nothing any more
        prefixes = [prefix for namespaces in declared for prefix in namespaces if prefix]
        etree.cleanup_namespaces(alone, keep_ns_prefixes=prefixes)
    return alone


def decode(raw: bytes, charset: str) -> Xml | None:
    """Read a document; without a declaration of its own it is in `charset`. Nothing but white space is no payload."""
    if not raw.strip():
        return None
    if codecs.lookup(charset) != _UTF8 and not _DECLARED_ENCODING.match(raw):
        try:
            return Xml(read_xml(raw.decode(charset)))
        except UnicodeDecodeError as error:
            raise FormatError(f"Invalid XML payload: {error}") from error
    return Xml(read_xml(raw))


def encode_plain(views: Views, charset: str) -> bytes:
    """Write the payload element without an envelope; nothing when the body is empty."""
    payload = _payload(views)
    if payload is None:
        return b""
    # inside an envelope it would carry the declaration of its prefix along: a copy stands alone
    return _written(payload if payload.getparent() is None else copy.deepcopy(payload), charset)


def encode_soap11(views: Views, charset: str) -> bytes:
    """Write a SOAP 1.1 envelope."""
    return _in_envelope(views, soap.SOAP11, charset)


def encode_soap12(views: Views, charset: str) -> bytes:
    """Write a SOAP 1.2 envelope."""
    return _in_envelope(views, soap.SOAP12, charset)


def _payload(views: Views) -> etree._Element | None:
    """Return the payload element; for one that came without an envelope none is made."""
    content = views.content()
    if isinstance(content, Xml) and not soap.is_envelope(content.root):
        return content.root
    return views.xml()


def _in_envelope(views: Views, version: str, charset: str) -> bytes:
    views.use_soap(version)
    return _written(views.envelope(), charset)


def _written(element: etree._Element, charset: str) -> bytes:
    if codecs.lookup(charset) == _UTF8:  # what readers assume, whatever it is called
        return etree.tostring(element, with_tail=False, encoding="utf-8")
    try:
        raw = etree.tostring(element, with_tail=False, encoding=charset, xml_declaration=True)
    except LookupError:  # libxml2 knows fewer charsets, and fewer names for them
        text = etree.tostring(element, with_tail=False, encoding="unicode")
        return f"<?xml version='1.0' encoding='{charset}'?>\n{text}".encode(charset, "xmlcharrefreplace")
    return raw if isinstance(raw, bytes) else raw.encode(charset)
