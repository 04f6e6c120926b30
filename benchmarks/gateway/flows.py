"""What is done to a request on its way: the flows that are measured, and what they are to reach."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

KB = 1024

Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Flow:
    """One kind of work. The product does it with the API in `artifacts/<name>.xml`."""

    name: str
    media_type: str
    """Of the request."""
    sizes: tuple[int, ...]
    """Kilobytes of request and answer."""
    body: Callable[[int], bytes]
    """Returns a request of so many bytes."""
    change: Change | None
    """Makes of a request what the back end is to get; None: it gets the same bytes."""
    meaning: Callable[[bytes], object]
    """Two bodies of one meaning are equally good."""
    goals: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """Kilobytes → peer → the least the product may reach, as a multiple of the peer's rate."""
    p99_goal: float = float("inf")
    """The most the product's 99th percentile may take, as a multiple of the relay's."""

    def path(self, size: int) -> str:
        """Return where a request is answered with `size` kilobytes."""
        return f"/{self.name}/{size}k"

    @property
    def echo_path(self) -> str:
        """Where a request is answered with what the back end has got."""
        return f"/{self.name}/echo"

    def expected(self, body: bytes) -> bytes:
        """Return what the back end is to get."""
        return self.change(body) if self.change else body


def answer(size: int) -> bytes:
    """Return what the back end answers where `size` kilobytes are asked for."""
    return b"x" * (size * KB)


def json_order(size: int) -> bytes:
    """Return an order as JSON of `size` bytes."""
    line = {"article": "S-0001", "quantity": 3, "price": 9.95}
    order = {
        "id": "A-17",
        "customer": {"name": "Mill & Sons", "city": "Kiel"},
        "total": 99.5,
        "lines": [line] * ((size - 200) // len(json.dumps([line, ""]))),
        "note": "",
    }
    order["note"] = "x" * (size - len(json.dumps(order)))
    return json.dumps(order).encode()


def xml_order(size: int) -> bytes:
    """Return an order as XML of `size` bytes."""
    line = "<line><article>S-0001</article><quantity>3</quantity><price>9.95</price></line>"
    order = (
        "<order><id>A-17</id><customer><name>Mill &amp; Sons</name></customer><total>99.5</total>"
        f"<lines>{line * ((size - 200) // len(line))}</lines><note></note></order>"
    )
    return order.replace("<note>", "<note>" + "x" * (size - len(order))).encode()


def json_invoice(order: bytes) -> bytes:
    """Make of an order what the API `json` makes of it."""
    read = json.loads(order)
    invoice = {"order": read["id"], "customer": read["customer"]["name"], "total": read["total"]}
    return json.dumps(invoice).encode()


_INVOICE = "<invoice><order>{}</order><customer>{}</customer><total>{}</total></invoice>"
_ARGUMENTS = [etree.XPath(f"string({path})") for path in ("//order/id", "//customer/name", "//order/total")]


def xml_invoice(order: bytes) -> bytes:
    """Make of an order what the API `xml` makes of it."""
    tree = etree.fromstring(order)
    return _INVOICE.format(*(escape(str(argument(tree))) for argument in _ARGUMENTS)).encode()


def _same(body: bytes) -> object:
    return body


def _canonical(body: bytes) -> object:
    return etree.canonicalize(body.decode(), strip_text=True)


FLOWS = {
    flow.name: flow
    for flow in (
        Flow(
            "pass",
            "application/json",
            (1, 10),
            json_order,
            None,
            _same,
            goals={1: {"relay": 0.5, "uvicorn": 4}, 10: {"relay": 0.7, "uvicorn": 4}},
            p99_goal=3,
        ),
        Flow(
            "json",
            "application/json",
            (1,),
            json_order,
            json_invoice,
            json.loads,
            goals={1: {"relay": 0.3, "uvicorn": 2}},
        ),
        Flow("xml", "application/xml", (1,), xml_order, xml_invoice, _canonical, goals={1: {"relay": 0.3}}),
    )
}
