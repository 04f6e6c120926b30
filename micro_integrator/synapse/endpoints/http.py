"""<http> - an endpoint whose address is made for each message from a URI template.

    <http uri-template="TEMPLATE" [method="get | post | put | delete | head | patch | options"] [version="1.1"]>
      [<authentication> ... </authentication>] common children
    </http>

uri-template   RFC 6570: {uri.var.id}, {query.param.q}, or any property of the scope default, those of the endpoint
               among them; ${...} is evaluated first. A property that is not set becomes nothing (required)
method         how to ask; without it the axis2 property HTTP_METHOD, else post
"""

from dataclasses import replace
from typing import ClassVar

from micro_integrator.synapse.endpoints.authentication import BasicAuth, read_authentication
from micro_integrator.synapse.endpoints.definition import Definition
from micro_integrator.synapse.endpoints.endpoint import NOT_READY
from micro_integrator.synapse.endpoints.leaf import Destination, Leaf, Setting
from micro_integrator.synapse.endpoints.uri_template import TemplateError, UriTemplate
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.expressions import ExpressionError, text_of
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import one_of
from micro_integrator.synapse.message import Message

METHODS = frozenset({"get", "post", "put", "delete", "head", "patch", "options"})

_NOWHERE = UriTemplate("http://localhost", {})
"""Stands in for a template with an error; its artifact is never used."""


class Http(Leaf):
    """Sends to what a template expands to."""

    label: ClassVar[str] = "Currently, HTTP endpoint"

    def __init__(
        self,
        setting: Setting,
        definition: Definition,
        template: UriTemplate,
        method: str | None = None,
        authentication: BasicAuth | None = None,
    ) -> None:
        super().__init__(setting, definition)
        self.template, self.method, self._authentication = template, method, authentication
        self.reads_body |= template.reads_body or (authentication is not None and authentication.reads_body)
        self._only: Destination | None = None
        """Where every message goes, when the template is the same text for all of them."""
        if template.constant is not None and authentication is None:
            self._only = Destination(template.constant, True, method)

    @classmethod
    def read(cls, x: XmlReader, setting: Setting) -> "Http":
        """Read <http>; a message leaves without an envelope unless `format` asks for one."""
        if x.attribute("version", one_of("1.1", "2.0"), "1.1") == "2.0":
            x.note("<http version='2.0'>: HTTP/1.1 is spoken instead")
        method = (x.attribute("method") or "").strip().lower()
        if method and method not in METHODS:
            x.note(f"<http method='{method}'> is unknown; the message's own HTTP_METHOD counts")
        definition = Definition.read(x)
        return cls(
            setting,
            replace(definition, format=definition.format or "rest"),
            _template(x),
            method.upper() if method in METHODS else None,
            x.first("authentication", read_authentication),
        )

    def destination(self, message: Message) -> Destination:
        """Expand the template."""
        if self._only is not None:
            return self._only
        default = message.default

        def lookup(name: str) -> str | None:
            value = default.get(name)
            return None if value is None else text_of(value)

        try:
            url = self.template.expand(message, lookup)
        except TemplateError as error:
            raise MediationError(f"URI template expansion failed: {error}", code=NOT_READY) from error
        authentication = self._authentication
        return Destination(
            url,
            self.template.has_static_host,
            self.method,
            None if authentication is None else authentication.header(message),
        )


def _template(x: XmlReader) -> UriTemplate:
    x.required("uri-template")
    text = (x.resolved("uri-template") or "").strip()
    try:
        return UriTemplate(text, x.namespaces) if text else _NOWHERE
    except (TemplateError, ExpressionError) as error:
        x.report(f"<http uri-template='{text}'>: {error}")
        return _NOWHERE
