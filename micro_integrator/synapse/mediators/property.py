"""<property> - set or remove a property.

    <property name="NAME | {EXPR}" [scope="SCOPE"] [action="set"]
              (value="TEXT" | expression="EXPR") [type="TYPE"] [pattern="PATTERN" [group="NUMBER"]] />
    <property name="NAME | {EXPR}" [scope="SCOPE"] [type="OM"]> one element </property>
    <property name="NAME | {EXPR}" [scope="SCOPE"] action="remove"/>

name         name of the property, or in braces an expression for it (required)
value        the text to set; it is converted once, when the artifact is deployed
expression   whose text is set, in any expression language; `value` and an element go before
scope        default (the default), axis2, axis2-client, transport, operation, registry, system, analytics, trace
type         STRING (the default), BOOLEAN, INTEGER, LONG, SHORT, FLOAT, DOUBLE, OM (a document) or JSON
action       set (the default) or remove
pattern      a regular expression of Java for the whole text; what is set is its `group` (0, all of it, by default), or
             "" if it does not match

In the scope registry the name is the key of a resource, `conf:notes.txt`, or of a property of one, `conf:notes.txt@by`;
to set a property empties the resource. An expression without a value leaves the property as it is. analytics and trace
have no effect here. axis2 `messageType` also sets `ContentType` and the header Content-Type.

Returns True. Faults when the text is not of the type. Reads the body if an expression does.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="prepare">
      <property name="attempt" type="INTEGER" value="1"/>
      <property name="X-Task" scope="transport" expression="get-property('task.name')"/>
      <property name="year" expression="get-property('day')" pattern="([0-9]{4})-.*" group="1"/>
      <property name="note"><note xmlns="">checked</note></property>
      <property name="attempt" action="remove"/>
    </sequence>
"""

import copy
import re
from typing import Self

from lxml import etree

from micro_integrator.observability import get_logger
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.formats import standalone
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import one_of, whole_number
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.typed_values import convert

log = get_logger("PropertyMediator")

SCOPES = (
    "default",
    "axis2",
    "axis2-client",
    "transport",
    "operation",
    "registry",
    "system",
    "analytics",
    "trace",
)
TYPES = ("STRING", "BOOLEAN", "INTEGER", "LONG", "SHORT", "FLOAT", "DOUBLE", "OM", "JSON")
WITHOUT_EFFECT = frozenset({"analytics", "trace"})


@mediator("property")
class Property(Mediator):
    """Writes one property."""

    name: Expression
    scope: str
    removes: bool
    type: str
    constant: object
    """What to set, converted already; None when `element` or `expression` gives it."""
    element: etree._Element | None
    expression: Expression | None
    pattern: re.Pattern[str] | None
    group: int

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the element; a static value is converted here."""
        type_name = x.attribute("type", one_of(*TYPES), "STRING")
        pattern = x.pattern("pattern") if x.has("pattern") else None
        group = _group(pattern, x)
        value, expression, element = x.attribute("value"), x.optional_expression("expression"), x.content()
        removes = x.attribute("action", one_of("set", "remove"), "set") == "remove"
        if not removes and value is None and expression is None and element is None:
            x.report("<property> needs the attribute 'value' or 'expression', or an element to set")
        return cls(
            name=x.required_dynamic("name"),
            scope=x.attribute("scope", one_of(*SCOPES), "default"),
            removes=removes,
            type=type_name,
            constant=None
            if value is None or removes
            else _constant(_matched(value, pattern, group), type_name, x),
            element=element if value is None else None,
            expression=expression,
            pattern=pattern,
            group=group,
        )

    @property
    def reads_body(self) -> bool:
        """True if the name or the value comes out of the body."""
        return self.name.reads_body or (self.expression is not None and self.expression.reads_body)

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Set or remove."""
        name = self.name.text(message)
        if not name:
            source = f"{{{self.name.source}}}"
            log.warning("{prefix}Evaluated value for {name} is empty", prefix=flow.prefix, name=source)
        elif self.removes:
            message.properties.remove(name, self.scope)
        elif self.scope not in WITHOUT_EFFECT:
            message.properties.set(name, self._value(message), self.scope)
        return True

    def _value(self, message: Message) -> object:
        if self.constant is not None:
            return self.constant
        if self.element is not None:
            return copy.deepcopy(self.element)
        if self.expression is None:
            return None
        if self.type == "OM" and (found := _first_element(self.expression.value(message))) is not None:
            return standalone(found)
        text = self.expression.text(message)
        if text is None:
            return None
        try:
            return convert(_matched(text, self.pattern, self.group), self.type)
        except ValueError as error:
            raise MediationError(_cannot(self.type), detail=str(error)) from error


def _first_element(value: object) -> etree._Element | None:
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, etree._Element) else None


def _constant(value: str, type_name: str, x: XmlReader) -> object:
    try:
        return convert(value, type_name)
    except ValueError as error:
        x.report(f"{_cannot(type_name)} {error}")
        return None


def _group(pattern: re.Pattern[str] | None, x: XmlReader) -> int:
    group = x.attribute("group", whole_number, 0)
    if pattern is None and x.has("group"):
        x.report("<property> has 'group' without 'pattern'")
    elif pattern is not None and group > pattern.groups:
        x.note(f"<property> group='{group}': the pattern has {pattern.groups} groups; the text will be empty")
    return group


def _matched(text: str, pattern: re.Pattern[str] | None, group: int) -> str:
    if pattern is None:
        return text
    found = pattern.fullmatch(text) if group <= pattern.groups else None
    return (found[group] or "") if found else ""


def _cannot(type_name: str) -> str:
    return (
        f"Unknown type : {type_name} for the property mediator or the property value cannot be converted "
        "into the specified type."
    )
