"""/sequences: named sequences, and the mediators directly inside them."""

from lxml.etree import QName

from micro_integrator.management.rest.selection import Row
from micro_integrator.management.rest.views.view import Deployed, View


def _row(one: Deployed) -> Row:
    return {"container": one.application, **one.aspects()}


def _detail(one: Deployed) -> Row:
    return {**_row(one), "mediators": [QName(child).localname for child in one.children()]}


SEQUENCES = View(path="/sequences", kind="sequence", keys=("sequenceName",), row=_row, detail=_detail)
