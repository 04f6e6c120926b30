"""SOAP faults in the words of the other version: who failed, why, where, and what more there is to tell.

SOAP 1.1   faultcode    faultstring   faultactor   detail       in no namespace
SOAP 1.2   Code/Value   Reason/Text   Role         Detail       in that of the envelope
"""

from lxml import etree

PREFIX = "soapenv"
SENDER_AT_FAULT, RECEIVER_AT_FAULT = ("Client", "Sender"), ("Server", "Receiver")
ALIKE = frozenset({"MustUnderstand", "VersionMismatch"})
"""Codes that have one name in both versions."""
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def as_soap12(fault: etree._Element, namespace: str) -> etree._Element:
    """Return a SOAP 1.1 fault as one of `namespace`, SOAP 1.2; the parts of `fault` move there."""
    code = _text(fault, "faultcode")
    made = _empty(fault, namespace)
    found = _translated(code, *SENDER_AT_FAULT) or _translated(code, *RECEIVER_AT_FAULT)
    telling = _add(made, namespace, "Code")
    _add(telling, namespace, "Value").text = f"{PREFIX}:{found or RECEIVER_AT_FAULT[1]}"
    if code and not found:  # a code of the application's own, which SOAP 1.2 wants below one of its own
        _add(_add(telling, namespace, "Subcode"), namespace, "Value").text = code
    reason = _add(_add(made, namespace, "Reason"), namespace, "Text")
    reason.text = _text(fault, "faultstring")
    reason.set(LANGUAGE, "en")
    if role := _text(fault, "faultactor"):
        _add(made, namespace, "Role").text = role
    if (detail := fault.find("detail")) is not None:
        _move(detail, _add(made, namespace, "Detail"))
    return made


def as_soap11(fault: etree._Element, namespace: str) -> etree._Element:
    """Return a SOAP 1.2 fault as one of `namespace`, SOAP 1.1; the parts of `fault` move there."""
    own = f"{{{etree.QName(fault).namespace}}}"
    code = _text(fault, f"{own}Code/{own}Value")
    made = _empty(fault, namespace)
    found = _translated(code, *reversed(RECEIVER_AT_FAULT)) or _translated(code, *reversed(SENDER_AT_FAULT))
    etree.SubElement(made, "faultcode").text = f"{PREFIX}:{found or SENDER_AT_FAULT[0]}"
    etree.SubElement(made, "faultstring").text = _text(fault, f"{own}Reason/{own}Text")
    if role := _text(fault, f"{own}Role"):
        etree.SubElement(made, "faultactor").text = role
    if (detail := fault.find(f"{own}Detail")) is not None:
        _move(detail, etree.SubElement(made, "detail"))
    return made


def reason_of(fault: etree._Element) -> str:
    """Return what a fault of either version says in words."""
    own = f"{{{etree.QName(fault).namespace}}}"
    return _text(fault, "faultstring") or _text(fault, f"{own}Reason/{own}Text")


def _empty(fault: etree._Element, namespace: str) -> etree._Element:
    """Return a fault that knows the prefixes of `fault`, which codes are written with."""
    prefixes = {prefix: uri for prefix, uri in fault.nsmap.items() if prefix}
    return etree.Element(f"{{{namespace}}}Fault", nsmap={**prefixes, PREFIX: namespace})


def _translated(code: str, known: str, other: str) -> str:
    """Return the name of `code` in the other version; empty when it is not `known`. SOAP 1.1 refines with dots."""
    name = code.rpartition(":")[2].partition(".")[0]
    return other if name == known else name if name in ALIKE else ""


def _text(fault: etree._Element, path: str) -> str:
    return (fault.findtext(path) or "").strip()


def _add(parent: etree._Element, namespace: str, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{namespace}}}{name}")


def _move(source: etree._Element, target: etree._Element) -> None:
    target.text = source.text
    target.extend(list(source))
