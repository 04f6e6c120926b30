"""Resources of kinds that this version cannot deploy: their lists are empty, so that scripts that ask go on working."""

from micro_integrator.management.rest.selection import Row
from micro_integrator.management.rest.views.view import Deployed, View


def _nothing_more(_: Deployed) -> Row:
    return {}


def _empty(path: str, kind: str, *keys: str) -> View:
    return View(path=path, kind=kind, keys=keys, row=_nothing_more, detail=_nothing_more)


NOT_YET = (
    _empty("/proxy-services", "proxy", "proxyServiceName"),
    _empty("/message-processors", "messageProcessor", "name", "messageProcessorName"),
    _empty("/message-stores", "messageStore", "name"),
    _empty("/inbound-endpoints", "inboundEndpoint", "inboundEndpointName"),
    _empty("/templates", "template", "name"),
    _empty("/connectors", "import", "connectorName"),
    _empty("/data-services", "data", "dataServiceName"),
)
