"""`${…}`: the expression language of newer artifacts, as a compiled expression."""

from collections.abc import Mapping

from micro_integrator.observability import get_logger
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.expression import Expression
from micro_integrator.synapse.expressions.inline_nodes import Found
from micro_integrator.synapse.expressions.inline_parser import parse_inline
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.telling import tell
from micro_integrator.synapse.expressions.values import text_of

log = get_logger("SynapseExpression")

_FAILED = object()


class Inline(Expression):
    """A compiled `${…}`; an evaluation that fails is a warning and gives no value."""

    def __init__(self, source: str, namespaces: Mapping[str, str]) -> None:
        """Compile the text between `${` and `}`. Raises ExpressionError."""
        node = parse_inline(source, namespaces)
        super().__init__(source, reads_body=node.reads_body, is_constant=node.is_constant)
        self._run = node.run

    def value(self, message: EvaluationTarget) -> object:
        """The typed value; None for null and for a failed evaluation."""
        value = self._evaluated(message)
        if isinstance(value, Found):
            return value.nodes
        if value is _FAILED:
            return None
        return str(value) if isinstance(value, str) else value

    def text(self, message: EvaluationTarget) -> str:
        """The value as text; empty for null and for a failed evaluation."""
        value = self._evaluated(message)
        if isinstance(value, str):
            return str(value)
        if value is _FAILED:
            return ""
        return value.text if isinstance(value, Found) else text_of(value)

    def is_true(self, message: EvaluationTarget) -> bool:
        """Whether the text says `true`."""
        return self.text(message).lower() == "true"

    def content(self, message: EvaluationTarget) -> object:
        """The typed value, empty for None: a null has no other text, so that nothing is evaluated twice."""
        found = self.value(message)
        return "" if found is None else found

    def _evaluated(self, message: EvaluationTarget) -> object:
        try:
            return self._run(message)
        except EvaluationError as error:
            tell(log, self.source, error, message)
            return _FAILED
