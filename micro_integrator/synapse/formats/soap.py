"""SOAP envelopes, 1.1 and 1.2: made, recognised, taken apart and turned into the other version."""

import copy
from functools import lru_cache

from lxml import etree

from micro_integrator.synapse.formats.soap_fault import as_soap11, as_soap12

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"

VERSIONS = {"soap11": SOAP11, "soap12": SOAP12}
"""The formats of artifacts that mean an envelope."""
MEDIA_TYPES = frozenset({"text/xml", "application/soap+xml"})
"""Of payloads that travel in an envelope."""

_MUST_UNDERSTAND = "mustUnderstand"
_WORDS_OF_HEADERS = {_MUST_UNDERSTAND: _MUST_UNDERSTAND, "actor": "role", "encodingStyle": "encodingStyle"}
"""Attribute of a header block in SOAP 1.1 → in SOAP 1.2."""
_YES, _NO = {SOAP11: "1", SOAP12: "true"}, {SOAP11: "0", SOAP12: "false"}

_ENVELOPES = frozenset({f"{{{SOAP11}}}Envelope", f"{{{SOAP12}}}Envelope"})


def is_envelope(element: etree._Element) -> bool:
    """Return whether `element` is a SOAP envelope of either version."""
    return element.tag in _ENVELOPES


def version_of(element: etree._Element) -> str:
    """Return the namespace that tells the version of an envelope, or of a fault."""
    return etree.QName(element).namespace or SOAP12


def new_envelope(version: str, payload: etree._Element | None = None) -> etree._Element:
    """Return an envelope of `version` whose body holds `payload` (which leaves its former parent)."""
    envelope = copy.deepcopy(_empty_envelope(version))
    if payload is not None:
        envelope[0].append(payload)
    return envelope


@lru_cache(maxsize=len(VERSIONS))
def _empty_envelope(version: str) -> etree._Element:
    """Return what is copied for each envelope, which costs half of making one."""
    envelope = etree.Element(f"{{{version}}}Envelope", nsmap={"soapenv": version})
    etree.SubElement(envelope, f"{{{version}}}Body")
    return envelope


def body_of(envelope: etree._Element) -> etree._Element:
    """Return the Body element; one is added when the sender left it out."""
    name = f"{{{version_of(envelope)}}}Body"
    found = envelope.find(name)
    return etree.SubElement(envelope, name) if found is None else found


def header_of(envelope: etree._Element) -> etree._Element | None:
    """Return the Header element, None when there is none."""
    return envelope.find(f"{{{version_of(envelope)}}}Header")


def ensure_header(envelope: etree._Element) -> etree._Element:
    """Return the Header element; one is put before everything else when there is none."""
    header = header_of(envelope)
    if header is None:
        header = envelope.makeelement(f"{{{version_of(envelope)}}}Header")
        envelope.insert(0, header)
    return header


def payload_of(envelope: etree._Element) -> etree._Element | None:
    """Return the first element inside the body, None when the body is empty."""
    return next(body_of(envelope).iterchildren(etree.Element), None)


def is_fault(payload: etree._Element | None) -> bool:
    """Return whether the payload reports a SOAP fault."""
    return payload is not None and payload.tag in (f"{{{SOAP11}}}Fault", f"{{{SOAP12}}}Fault")


def in_version(envelope: etree._Element, version: str) -> etree._Element:
    """Return an envelope of `version` with the header blocks and the payload of `envelope`, which loses them.

    A fault is put into the words of that version.
    """
    if version_of(envelope) == version:
        return envelope
    other = new_envelope(version)
    header = header_of(envelope)
    if header is not None and len(header):
        moved = ensure_header(other)
        moved.extend(header)
        for block in moved.iterchildren(etree.Element):
            _put_into_words_of(version, block)
    body_of(other).extend([_in_words_of(version, part) for part in body_of(envelope)])
    return other


def _put_into_words_of(version: str, block: etree._Element) -> None:
    """Say in the words of `version` whom a header block is for, and whether it must be understood."""
    former = SOAP11 if version == SOAP12 else SOAP12
    words = _WORDS_OF_HEADERS if version == SOAP12 else {new: old for old, new in _WORDS_OF_HEADERS.items()}
    for name, value in block.attrib.items():
        namespace, _, local = str(name).removeprefix("{").rpartition("}")
        if namespace == former:
            del block.attrib[name]
            if local == _MUST_UNDERSTAND:
                value = _YES[version] if value in _YES.values() else _NO[version]
            if local in words:  # any other one has no meaning there
                block.set(f"{{{version}}}{words[local]}", value)


def _in_words_of(version: str, part: etree._Element) -> etree._Element:
    if not is_fault(part) or version_of(part) == version:
        return part
    return as_soap11(part, version) if version == SOAP11 else as_soap12(part, version)
