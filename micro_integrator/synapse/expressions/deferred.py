"""`{{expression}}`: handed to a template as it is, evaluated there against the message of that moment."""

from collections.abc import Mapping

from micro_integrator.observability import get_logger
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.expression import Expression
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.telling import tell
from micro_integrator.synapse.expressions.values import text_of
from micro_integrator.synapse.expressions.xpath import XPathExpression, compile_at_run_time

log = get_logger("SynapseXPath")


class Deferred(Expression):
    """An expression that is a parameter itself: `$func:name` in the template evaluates it."""

    def __init__(self, source: str, inner: Expression, namespaces: Mapping[str, str]) -> None:
        # what a property holds may be any expression
        is_indirect = isinstance(inner, XPathExpression) and inner.property_name is not None
        super().__init__(source, reads_body=inner.reads_body or is_indirect)
        self.inner, self._namespaces = inner, namespaces

    def value(self, message: EvaluationTarget) -> object:
        """The expression to pass on.

        `{{get-property('x')}}` passes the XPath that the property x holds now; None if it holds none.
        """
        inner = self.inner
        if not isinstance(inner, XPathExpression) or inner.property_name is None:
            return inner
        held = inner.value(message)
        if held is None:
            return None
        try:
            return compile_at_run_time(text_of(held), self._namespaces)
        except EvaluationError as error:
            tell(log, self.source, error, message)
            return None

    def text(self, message: EvaluationTarget) -> str | None:
        """The text of the expression, where a text is needed at once."""
        return self.inner.text(message)

    def is_true(self, message: EvaluationTarget) -> bool:
        """The expression as a condition, where one is needed at once."""
        return self.inner.is_true(message)
