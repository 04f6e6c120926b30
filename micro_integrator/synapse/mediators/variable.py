"""<variable> - set or remove a variable, which keeps the type of its value.

    <variable name="NAME" (value="TEXT" | expression="EXPR") [type="TYPE"] [action="set"]/>
    <variable name="NAME" action="remove"/>

name         name of the variable (required)
value        the text to set; it is converted once, when the artifact is deployed
expression   gives the value, in any expression language; its kind is kept
type         STRING, BOOLEAN, INTEGER, LONG, DOUBLE, JSON or XML; the value of an expression must already be of it,
             except that STRING takes its text and XML reads its text as a document
action       set (the default) or remove

An expression without a value leaves the variable unset.

Returns True. Faults when the value is not of the type. Reads the body if the expression does.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="count">
      <variable name="limit" type="INTEGER" value="25"/>
      <variable name="order" type="JSON" expression="${payload.order}"/>
      <variable name="limit" action="remove"/>
    </sequence>
"""

from decimal import Decimal
from typing import Self

from lxml import etree

from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import one_of
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.typed_values import convert

TYPES = ("STRING", "BOOLEAN", "INTEGER", "LONG", "DOUBLE", "JSON", "XML")


@mediator("variable")
class Variable(Mediator):
    """Writes one variable."""

    name: str
    removes: bool
    type: str | None
    constant: object
    """What to set, converted already; None when `expression` gives it."""
    expression: Expression | None

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the element; a static value is converted here."""
        type_name = x.attribute("type", one_of(*TYPES))
        removes = x.attribute("action", one_of("set", "remove"), "set") == "remove"
        value, expression = x.attribute("value"), x.optional_expression("expression")
        if not removes and value is None and expression is None:
            x.report("<variable> needs the attribute 'value' or 'expression'")
        return cls(
            name=x.required("name"),
            removes=removes,
            type=type_name,
            constant=None if value is None else _constant(value, type_name or "STRING", x),
            expression=expression,
        )

    @property
    def reads_body(self) -> bool:
        """True if the value comes out of the body."""
        return self.expression is not None and self.expression.reads_body

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Set or remove."""
        value = None if self.removes else self._value(message)
        if value is not None:
            message.variables[self.name] = value
        elif self.removes or self.expression is not None:
            message.variables.pop(self.name, None)
        return True

    def _value(self, message: Message) -> object:
        if self.expression is None or self.constant is not None:
            return self.constant
        if self.type in {"STRING", "XML"}:
            text = self.expression.text(message)
            return text if text is None or self.type == "STRING" else self._as_document(text)
        return self._as_typed(self.expression.value(message))

    def _as_document(self, text: str) -> object:
        try:
            return convert(text, "XML")
        except ValueError as error:
            raise self._mismatch() from error

    def _as_typed(self, value: object) -> object:
        """Return `value` if it is of the type; a number of JSON also is one of the number types it fits."""
        if value is None or self.type is None:
            return value
        if self.type == "DOUBLE" and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return float(value)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        matches = {
            "BOOLEAN": isinstance(value, bool),
            "INTEGER": is_whole and -(2**31) <= value < 2**31,  # type: ignore[operator]
            "LONG": is_whole and -(2**63) <= value < 2**63,  # type: ignore[operator]
            "JSON": _is_json(value),
        }
        if not matches.get(self.type, False):
            raise self._mismatch()
        return value

    def _mismatch(self) -> MediationError:
        source = "" if self.expression is None else self.expression.source
        return MediationError(
            f"Expression '{source}' result does not match the expected data type '{self.type}'"
        )


def _constant(value: str, type_name: str, x: XmlReader) -> object:
    try:
        return convert(value, type_name)
    except ValueError as error:
        x.report(f"<variable> {error}")
        return None


def _is_json(value: object) -> bool:
    if isinstance(value, list):
        return not any(isinstance(member, etree._Element) for member in value)
    return isinstance(value, dict | bool | int | float | Decimal | str)
