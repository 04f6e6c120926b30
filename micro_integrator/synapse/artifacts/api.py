"""<api> - a REST API: resources below one path, each with what is done for it.

    <api name="NAME" context="/PATH" [version="VERSION" version-type="url | context"]
         [hostname="HOST"] [port="NUMBER"] [transports="http | https"] [binds-to="LISTENERS"]
         [publishSwagger="KEY"] [validateSchema="BOOL"]>
      [<handlers> (<handler class="CLASS"> (<property name="NAME" value="TEXT"/>)* </handler>)* </handlers>]
      (<resource [methods="METHODS"] [uri-template="TEMPLATE" | url-mapping="MAPPING"] [protocol="http | https"]
                 [content-type="TYPE"] [user-agent="PATTERN"] [binds-to="LISTENERS"]
                 [inSequence="KEY"] [outSequence="KEY"] [faultSequence="KEY"]>
         [<inSequence [onError="KEY"]> mediators </inSequence>]
         [<outSequence [onError="KEY"]> mediators </outSequence>]
         [<faultSequence [onError="KEY"]> mediators </faultSequence>]
       </resource>)+
    </api>

name             of the API (required); with a version it is known as NAME:vVERSION
context          the path that all its requests begin with (required); of two that fit, the longer one counts
version          needs a version-type: url = the segment behind the context, context = stands in it for {version}
hostname, port   what the header Host must say
transports       http or https alone; a request by the other one is not for this API
binds-to         listeners that serve it: `default`, which is what counts without it
handlers         classes that see every request before a resource is looked for, and every answer, in their order:
                 CORSRequestHandler, or one of your own as `package.module:Class`
publishSwagger   local entry or registry resource with the OpenAPI document of the API, in JSON or YAML; without it, or
                 when it is not there, the document is made from the definition
validateSchema   true has no effect yet, which is told: requests are not checked against the document

The document is found behind the context: `/orders?swagger.json` or `/orders?swagger.yaml`, with the version in it if
that is in the URL. Nobody is asked for leave: handlers and sequences do not see such a request.

Of a handler:

class      CORSRequestHandler (with any package in front): rules of this API for pages of other origins. Its properties
           are allowedOrigins (`https://example.com`, `*.example.com` or `*`, with commas), allowHeaders,
           allowedMethods, allowCredentials and maxAge in seconds. Any other name is a class with a method
           `handle_request(ctx)`, `handle_response(ctx)`, or both
property   a setting of the class, given to `set_NAME(value)` or to the attribute NAME

Of a resource:

methods         GET, POST, PUT, DELETE, OPTIONS, HEAD or PATCH, separated by blanks; all without it
url-mapping     a whole path, `/path/*` or `*.ending`
uri-template    `/orders/{id}`; {+v} takes slashes too, {a,b} two values, {v:3} three characters, a `*` at the end the
                rest. Behind `?` parameters that must be there, in any order: `/find?by={by}`; `{?q*}` takes any.
                What is found becomes uri.var.NAME. A template without `?` takes any query
protocol        http or https
content-type    of the body, without parameters unless it names some
user-agent      a regular expression for the whole header
inSequence      what is done with a request; without it the request goes back as it came
outSequence     what is done with the response of a `send`; without it the response goes back as it is
faultSequence   what is done after an error, before the sequence `fault` is
onError         sequence that handles errors while this one runs

A resource with neither url-mapping nor uri-template takes what the others leave. URL mappings are looked at first, then
templates as they are written. Query parameters become query.param.NAME.

Without a resource for the path the answer is 404, for the method 405 with the header Allow, and 400 when content type,
user agent or protocol are others; the sequences `_resource_mismatch_handler_` and `_method_not_allowed_handler_` give
the first two when they are deployed. OPTIONS is answered with the methods of the path, unless a resource names it.

Example:

    <api xmlns="http://ws.apache.org/ns/synapse" name="Orders" context="/orders" version="1.2" version-type="url">
      <handlers>
        <handler class="org.wso2.micro.integrator.security.handler.CORSRequestHandler">
          <property name="allowedOrigins" value="https://shop.example.com"/>
        </handler>
      </handlers>
      <resource methods="GET HEAD" uri-template="/{id}?detail={detail}" faultSequence="order-failed">
        <inSequence>
          <call><endpoint key="Orders"/></call>
          <respond/>
        </inSequence>
        <outSequence onError="order-failed"/>
      </resource>
      <resource methods="POST" url-mapping="/new" inSequence="order-new"/>
    </api>
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from micro_integrator.synapse.apis.api_handler import ApiHandler
from micro_integrator.synapse.apis.cors import HANDLER_CLASS, Cors
from micro_integrator.synapse.apis.dispatch import Dispatch
from micro_integrator.synapse.apis.handler_chain import HandlerChain
from micro_integrator.synapse.apis.resource import Resource, binds_to_main_listeners
from micro_integrator.synapse.artifact import Artifact, artifact
from micro_integrator.synapse.errors import DeploymentError
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean, one_of, whole_number

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

CONTEXTS = "context"
"""The name space in which a context is given to one API only."""
IN_CONTEXT = "{version}"
MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Place:
    """Where an API is found."""

    context: str
    """With its version when that belongs to it; without a slash at the end, so that it is empty for `/`."""
    version: str = ""
    version_type: str = ""
    """`url` or `context`; empty without a version."""

    @property
    def prefix(self) -> str:
        """What every path of the API begins with."""
        return f"{self.context}/{self.version}" if self.version_type == "url" else self.context


@artifact("api")
class Api(Artifact):
    """A REST API; `name` has the version in it, `api_name` has not."""

    name: str
    api_name: str
    place: Place
    hostname: str | None
    port: int | None
    transport: str | None
    """`http` or `https`; None = both."""
    is_on_main_listeners: bool
    cors: Cors | None
    """Its own rules for pages of other origins; None = those of the server."""
    handlers: HandlerChain | None
    """Classes of the user that see requests and answers; None when there are none."""
    published: str | None
    """Key of its OpenAPI document."""
    resources: tuple[Resource, ...]
    properties: Mapping[str, object]
    """Properties of every message that is for this API."""

    def __post_init__(self) -> None:
        self.label = f"api:{self.name}"
        self.prefix, self.version = self.place.prefix, self.place.version
        self.context = self.place.context or "/"
        self.is_open = not self.hostname and self.port is None and self.transport is None
        """Whether the path alone tells that a request is for this API."""
        self.dispatch = Dispatch(resource for resource in self.resources if resource.is_on_main_listeners)

    @property
    def occupied(self) -> tuple[tuple[str, str], ...]:
        """Its name, and its context: of two APIs with the same one, requests would never reach the second."""
        version = f", version {self.version}" if self.version else ""
        return (*super().occupied, (CONTEXTS, f"{self.prefix or '/'}{version}"))

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the definition."""
        api_name, place = x.required("name"), _place(x)
        name = f"{api_name}:v{place.version}" if place.version else api_name
        properties = {
            "SYNAPSE_REST_API": name,
            "SYNAPSE_REST_API_VERSION": place.version,
            "SYNAPSE_REST_API_VERSION_STRATEGY": place.version_type,
            "REST_API_CONTEXT": place.context,
            "ARTIFACT_NAME": f"api{name}",
        }
        if x.attribute("validateSchema", boolean, False):
            x.note("<api validateSchema> has no effect yet: nothing is checked against the OpenAPI document")
        cors, handlers = x.first("handlers", _read_handlers) or (None, None)
        return cls(
            name=name,
            api_name=api_name,
            place=place,
            hostname=x.resolved("hostname"),
            port=x.attribute("port", _port),
            transport=x.attribute("transports", _transport),
            is_on_main_listeners=binds_to_main_listeners(x),
            cors=cors,
            handlers=handlers,
            published=_published(x),
            resources=_read_resources(x, properties),
            properties=properties,
        )

    async def activate(self, engine: "Engine") -> None:
        """Prepare the handlers. Raises what they raise."""
        if self.handlers is not None:
            await self.handlers.start(engine)

    async def deactivate(self, engine: "Engine") -> None:
        """End what the handlers have prepared."""
        if self.handlers is not None:
            await self.handlers.stop(engine)


def _place(x: XmlReader) -> Place:
    context = x.resolve(x.required("context")).strip()
    if context and not context.startswith("/"):
        x.report(f"<api context='{context}'>: API context must begin with '/' character")
    context = context.rstrip("/")
    version = (x.resolved("version") or "").strip()
    version_type = x.attribute("version-type", one_of("url", "context"))
    if version and not x.has("version-type"):
        x.report("<api version> needs the attribute 'version-type': url or context")
    if not version or version_type is None:
        if version_type is not None:
            x.note("<api version-type> has no effect without a version")
        return Place(context)
    if version_type == "context":
        context = context.replace(IN_CONTEXT, version)
    return Place(context, version, version_type)


def _read_handlers(x: XmlReader) -> tuple[Cors | None, HandlerChain | None]:
    cors, handlers = None, []
    for part in x.children("handler"):
        class_name = part.required("class")
        if class_name.rpartition(".")[2] == HANDLER_CLASS:
            cors = Cors.read(part)
        elif class_name:
            try:
                handlers.append(ApiHandler.read(x.terms.class_aliases.get(class_name, class_name), part))
            except DeploymentError as error:
                part.ignore()
                x.findings.errors.append(error)
    return cors, HandlerChain(handlers) if handlers else None


def _published(x: XmlReader) -> str | None:
    key = x.attribute("publishSwagger")
    if not key:
        return None
    x.refer("entry", key)
    return key


def _read_resources(x: XmlReader, properties: Mapping[str, object]) -> tuple[Resource, ...]:
    found: list[Resource] = []
    for part in x.children("resource"):
        resource = Resource.read(part, properties)
        for other in found:
            if problem := _conflict(resource, other):
                part.report(problem)
        found.append(resource)
    if not found:
        x.report("An API must contain at least one resource definition: <resource>")
    return tuple(found)


def _conflict(resource: Resource, other: Resource) -> str:
    """Say why two resources cannot stand beside each other; an empty text means that they can."""
    mapping, former = resource.mapping, other.mapping
    if mapping is None and former is None:
        return "Only one resource can be designated as default: give this one a uri-template or url-mapping"
    if mapping is None or former is None or mapping.source != former.source:
        return ""
    both = ", ".join(method for method in resource.methods if method in other.methods)
    return (
        f"Two resources cannot have the same path mapping and methods: '{mapping.source}' {both}"
        if both
        else ""
    )


def _port(text: str) -> int:
    number = whole_number(text)
    if not 0 < number <= MAX_PORT:
        raise ValueError(f"a number from 1 to {MAX_PORT}")
    return number


def _transport(text: str) -> str | None:
    return one_of("http", "https")(text) if text.strip() else None
