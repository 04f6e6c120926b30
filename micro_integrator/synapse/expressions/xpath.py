"""XPath 1.0 on the SOAP envelope, with the variables and functions of Synapse.

A relative path starts at the envelope, `//x` finds headers too. `$body`, `$ctx:name`, `get-property('name')`
and the others need no declarations. An expression that does not look at the envelope does not build it.
"""

import copy
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from lxml import etree

from micro_integrator.observability import get_logger
from micro_integrator.synapse.expressions import encodings
from micro_integrator.synapse.expressions.errors import EvaluationError, ExpressionError
from micro_integrator.synapse.expressions.expression import Expression
from micro_integrator.synapse.expressions.message_properties import get_property
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.telling import tell
from micro_integrator.synapse.expressions.xpath_grammar import Variable, read_xpath
from micro_integrator.synapse.expressions.xpath_values import (
    argument_text,
    from_xpath,
    string_value,
    to_xpath,
    truth,
)
from micro_integrator.synapse.expressions.xpath_variables import read_variable

log = get_logger("SynapseXPath")

RUN_TIME_LIMIT = 4096
"""Longest expression, in characters, that is taken from a message."""

_NOWHERE = etree.Element("nowhere")
_evaluated_on: ContextVar[EvaluationTarget] = ContextVar("evaluated_on")


class XPathExpression(Expression):
    """A compiled XPath. Its text follows the rules of `xpath_values.string_value`."""

    def __init__(self, source: str, namespaces: Mapping[str, str], *, allow_functions: bool = True) -> None:
        """Compile. Raises ExpressionError."""
        reading = read_xpath(source, namespaces, allow_functions=allow_functions)
        super().__init__(source, reads_body=reading.reads_body, is_constant=reading.is_constant)
        self._reading = reading
        self._counts_all_nodes = "node()" in source
        functions = {key: function for key, function in _FUNCTIONS.items() if key[1] in source}
        self._asks_message = (None, "get-property") in functions
        try:
            self._run = etree.XPath(
                reading.rewritten, namespaces=reading.namespaces, extensions=functions, smart_strings=False
            )
        except (etree.XPathSyntaxError, ValueError) as error:  # ValueError: characters that XML does not have
            raise ExpressionError(f"{error}".lower(), source, 1) from error

    @property
    def property_name(self) -> tuple[str, ...] | None:
        """The arguments, if the whole expression is one `get-property()` call with literal arguments."""
        alone = self._reading.alone
        return alone if isinstance(alone, tuple) else None

    def value(self, message: EvaluationTarget) -> object:
        """A scalar, the value of a property as it is, or the list of nodes (elements and strings)."""
        try:
            return self.evaluate(message)
        except EvaluationError as error:
            tell(log, self.source, error, message)
            return None

    def text(self, message: EvaluationTarget) -> str | None:
        """The string value; None when the expression is a single variable or property that is not set."""
        try:
            return self.string_of(self.evaluate(message))
        except EvaluationError as error:
            tell(log, self.source, error, message)
            return ""

    def is_true(self, message: EvaluationTarget) -> bool:
        """XPath `boolean()` of the result: any node, and any text that is not empty, is true."""
        return truth(self.value(message))

    def string_of(self, value: object) -> str | None:
        """The text of a value of this expression."""
        if isinstance(value, str):
            return value
        return string_value(value, counts_all_nodes=self._counts_all_nodes)

    def evaluate(self, message: EvaluationTarget, context: etree._Element | None = None) -> object:
        """Evaluate on the envelope, or on `context` as a document of its own. Raises EvaluationError."""
        reading = self._reading
        if isinstance(reading.alone, Variable):
            return read_variable(reading.alone, message)
        if reading.alone is not None:
            return get_property(message, reading.alone)
        node = self._context_in(message) if context is None else _as_document(context)
        try:
            if not reading.variables and not self._asks_message:
                return from_xpath(self._run(node))
            return from_xpath(self._run_with(message, node))
        except (etree.XPathError, ValueError) as error:
            raise EvaluationError(str(error)) from error

    def _run_with(self, message: EvaluationTarget, node: etree._Element) -> object:
        variables = self._reading.variables
        values: dict[str, Any] = {
            plain: to_xpath(value) if variable.prefix else value  # parts of the envelope, perhaps none
            for plain, variable in variables.items()
            for value in [read_variable(variable, message)]
        }
        token = _evaluated_on.set(message)
        try:
            return self._run(node, **values)
        finally:
            _evaluated_on.reset(token)

    def _context_in(self, message: EvaluationTarget) -> etree._Element:
        return message.body.envelope() if self._reading.reads_envelope else _NOWHERE


def compile_at_run_time(source: str, namespaces: Mapping[str, str]) -> XPathExpression:
    """Compile a text that a message brought: limited, without extension functions. Raises EvaluationError."""
    if len(source) > RUN_TIME_LIMIT:
        raise EvaluationError(f"an expression read at run time is longer than {RUN_TIME_LIMIT} characters")
    try:
        return _compiled_at_run_time(source, tuple(sorted(namespaces.items())))
    except (ExpressionError, RecursionError) as error:
        raise EvaluationError(str(error)) from error


@lru_cache(maxsize=256)
def _compiled_at_run_time(source: str, namespaces: tuple[tuple[str, str], ...]) -> XPathExpression:
    return XPathExpression(source, dict(namespaces), allow_functions=False)


def _as_document(element: etree._Element) -> etree._Element:
    if element.getparent() is None and element.getnext() is None and element.getprevious() is None:
        return element
    alone = copy.deepcopy(element)  # else // and / would reach what is around the element
    alone.tail = None
    return alone


def _text_function(work: Callable[..., str]) -> Callable[..., str]:
    def function(_: object, *arguments: Any) -> str:
        return work(*map(argument_text, arguments))

    return function


def _get_property(_: object, *arguments: Any) -> object:
    return to_xpath(get_property(_evaluated_on.get(), [argument_text(argument) for argument in arguments]))


_FUNCTIONS = {
    (None, "get-property"): _get_property,
    (None, "base64Encode"): _text_function(encodings.base64_encode),
    (None, "base64Decode"): _text_function(encodings.base64_decode),
    (None, "url-encode"): _text_function(encodings.url_encode),
    (None, "hmac-generate"): _text_function(encodings.hmac_hex),
}
