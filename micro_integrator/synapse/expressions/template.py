"""Text with `${…}` in it, as the log and payloadFactory mediators and others take it."""

from collections.abc import Mapping

from micro_integrator.synapse.expressions.compiler import compile_expression
from micro_integrator.synapse.expressions.errors import ExpressionError
from micro_integrator.synapse.expressions.expression import Expression
from micro_integrator.synapse.expressions.scanning import closing_brace
from micro_integrator.synapse.expressions.target import EvaluationTarget


class Template:
    """A text template, cut into literal text and expressions once. Raises ExpressionError.

    parts        literal text (str) and compiled expressions, in order
    reads_body   any of the expressions does
    """

    def __init__(self, text: str, namespaces: Mapping[str, str]) -> None:
        self.source = text
        self.parts: tuple[str | Expression, ...] = tuple(_cut(text, namespaces))
        self.reads_body = any(part.reads_body for part in self.parts if isinstance(part, Expression))

    def render(self, message: EvaluationTarget) -> str:
        """The text with each expression replaced by its string value; a failed or null one by nothing."""
        return "".join(part if isinstance(part, str) else part.text(message) or "" for part in self.parts)


def _cut(text: str, namespaces: Mapping[str, str]) -> list[str | Expression]:
    parts: list[str | Expression] = []
    done = 0
    while (start := text.find("${", done)) >= 0:
        end = closing_brace(text, start + 2)
        if end < 0:
            raise ExpressionError("this '${' is not closed", text, start + 1)
        if start > done:
            parts.append(text[done:start])
        parts.append(compile_expression(text[start : end + 1], namespaces))
        done = end + 1
    if done < len(text):
        parts.append(text[done:])
    return parts
