"""/local-entries: texts and documents under a key."""

from lxml.etree import _Element, tostring

from micro_integrator.management.rest.selection import Row
from micro_integrator.management.rest.views.view import Deployed, View


def _row(one: Deployed) -> Row:
    return {"type": _type(one)}


def _detail(one: Deployed) -> Row:
    described = one.children("description")
    return {
        "type": _type(one),
        "value": _value(one),
        "description": (described[0].text or "").strip() if described else "",
    }


def _type(one: Deployed) -> str:
    if one.attribute("src"):
        return "Source URL"
    return "Inline XML" if _documents(one) else "Inline Text"


def _value(one: Deployed) -> str:
    if source := one.attribute("src"):
        return source
    if documents := _documents(one):
        return tostring(documents[0], encoding="unicode", with_tail=False)
    return (one.definition.text or "").strip()


def _documents(one: Deployed) -> list[_Element]:
    described = one.children("description")
    return [child for child in one.children() if child not in described]


LOCAL_ENTRIES = View(path="/local-entries", kind="localEntry", keys=("name",), row=_row, detail=_detail)
