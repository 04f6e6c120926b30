"""/endpoints: where messages are sent to, and whether this node sends there at present."""

from typing import Any

from lxml.etree import QName, _Element

from micro_integrator.management.rest.selection import Row
from micro_integrator.management.rest.views.view import ENABLED, Deployed, View

LONG_NAMES = {
    "http": "HTTP Endpoint",
    "address": "Address Endpoint",
    "wsdl": "WSDL Endpoint",
    "default": "Default Endpoint",
    "failover": "Failover Endpoint",
    "loadbalance": "Load Balance Endpoint",
    "recipientlist": "Recipient List Endpoint",
    "template": "Template Endpoint",
    "indirect": "Indirect Endpoint",
    "class": "Class Endpoint",
}
"""Element → the name that a detail shows."""

ACTIVE = "ACTIVE"


def _row(one: Deployed) -> Row:
    return {"type": _type(one), "isActive": _is_active(one)}


def _detail(one: Deployed) -> Row:
    kind = _type(one)
    shown: Row = {"type": LONG_NAMES.get(kind, kind), "isActive": _is_active(one)}
    element = next(iter(one.children(kind)), None)
    if element is None:
        return {
            **shown,
            "tracing": ENABLED[False],
            "key": one.attribute("key") or one.attribute("key-expression"),
        }
    return {
        **shown,
        "tracing": ENABLED[element.get("trace") == "enable"],
        **_destination(element),
        "advanced": _advanced(element),
    }


def _type(one: Deployed) -> str:
    if one.attribute("template"):
        return "template"
    inside = (QName(child).localname for child in one.children())
    return next((tag for tag in inside if tag in LONG_NAMES), "indirect")


def _is_active(one: Deployed) -> bool:
    """Whether it is neither suspended nor switched off; one that only leads to another has no state of its own."""
    health: Any = getattr(getattr(one.artifact, "endpoint", None), "health", None)
    return health is None or bool(health.status.name == ACTIVE)


def _destination(element: _Element) -> Row:
    written = {
        "method": element.get("method"),
        "uriTemplate": element.get("uri-template"),
        "address": element.get("uri"),
    }
    return {name: value for name, value in written.items() if value is not None}


def _advanced(element: _Element) -> Row:
    """Return limits as they are written; what is not written is left out."""
    return {
        "timeout": _texts(element, "timeout", {"duration": "duration", "responseAction": "action"}),
        "suspendState": _texts(
            element,
            "suspendOnFailure",
            {
                "errorCodes": "errorCodes",
                "initialDuration": "initialDuration",
                "progressionFactor": "progressionFactor",
                "maximumDuration": "maxDuration",
            },
        ),
        "timeoutState": _texts(
            element,
            "markForSuspension",
            {"errorCodes": "errorCodes", "retriesBeforeSuspension": "retries", "retryDelay": "retryDelay"},
        ),
    }


def _texts(element: _Element, group: str, names: dict[str, str]) -> Row:
    inside = element.iterfind(f"{{*}}{group}/{{*}}*")
    return {
        names[tag]: (child.text or "").strip() for child in inside if (tag := QName(child).localname) in names
    }


ENDPOINTS = View(path="/endpoints", kind="endpoint", keys=("endpointName",), row=_row, detail=_detail)
