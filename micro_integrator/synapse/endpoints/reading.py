"""Which kind of endpoint an <endpoint> element is."""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from micro_integrator.synapse.endpoints.address import Address
from micro_integrator.synapse.endpoints.default import Default
from micro_integrator.synapse.endpoints.endpoint import Endpoint
from micro_integrator.synapse.endpoints.endpoint_property import EndpointProperty
from micro_integrator.synapse.endpoints.http import Http
from micro_integrator.synapse.endpoints.indirect import Indirect
from micro_integrator.synapse.endpoints.leaf import Leaf, Setting
from micro_integrator.synapse.errors import DeploymentError
from micro_integrator.synapse.expressions import Static
from micro_integrator.synapse.grammar import XmlReader


class _Read(Protocol):
    def __call__(self, x: XmlReader, setting: Setting) -> Leaf: ...


KINDS: Mapping[str, _Read] = {"address": Address.read, "default": Default.read, "http": Http.read}
NOT_YET = (
    "wsdl", "loadbalance", "session", "dynamicLoadbalance", "serviceDynamicLoadbalance", "failover", "recipientlist",
    "class",
)  # fmt: skip
"""Kinds of the language that this version does not have."""


def read_endpoint(x: XmlReader) -> Endpoint:
    """Read <endpoint>. Raises DeploymentError for a kind that is not there."""
    name = x.attribute("name") or x.position
    if (key := x.attribute("key")) is not None:
        x.refer("endpoint", key)
        return Indirect(Static(key))
    if (found := x.optional_expression("key-expression")) is not None:
        return Indirect(found)
    if x.has("template"):
        raise x.error("<endpoint template> is not supported yet")
    on_error = x.attribute("onError")
    if on_error is not None:
        x.refer("sequence", on_error)
    for part in x.children("parameter"):
        part.ignore()
        part.note("<parameter> of <endpoint> has no effect")
    properties = tuple(EndpointProperty.read(part) for part in x.children("property"))
    setting = Setting(name, on_error, properties)
    for tag, read in KINDS.items():
        if (leaf := x.first(tag, partial(read, setting=setting))) is not None:
            return leaf
    raise _refusal(x)


def _refusal(x: XmlReader) -> DeploymentError:
    for tag in NOT_YET:
        for part in x.children(tag):
            return part.error(f"<{tag}> in <endpoint> is not supported yet")
    return x.error(f"Invalid endpoint configuration: <endpoint> needs <{'>, <'.join(KINDS)}> or 'key'")
