"""The face that all expression languages share, and the simplest of them: text that means itself."""

from abc import ABC, abstractmethod

from micro_integrator.synapse.expressions.target import EvaluationTarget


class Expression(ABC):
    """A compiled expression; immutable, shared by everybody who wrote the same text.

    source       the text it was compiled from
    reads_body   evaluation may look at the payload or the envelope
    is_constant  every message gives the same value
    """

    def __init__(self, source: str, *, reads_body: bool = False, is_constant: bool = False) -> None:
        self.source, self.reads_body, self.is_constant = source, reads_body, is_constant

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"

    @abstractmethod
    def value(self, message: EvaluationTarget) -> object:
        """The typed value, None when there is none."""

    @abstractmethod
    def text(self, message: EvaluationTarget) -> str | None:
        """The string value; empty when the evaluation failed, None for a null."""

    @abstractmethod
    def is_true(self, message: EvaluationTarget) -> bool:
        """The value as a condition, by the rules of the language."""

    def content(self, message: EvaluationTarget) -> object:
        """What to put into a payload: the typed value; where that is None, what stands for it as text."""
        found = self.value(message)
        return (self.text(message) or "") if found is None else found


class Static(Expression):
    """Text without an expression in it."""

    def __init__(self, source: str) -> None:
        super().__init__(source, is_constant=True)

    def value(self, message: EvaluationTarget) -> object:
        """The text itself."""
        return self.source

    def text(self, message: EvaluationTarget) -> str:
        """The text itself."""
        return self.source

    def is_true(self, message: EvaluationTarget) -> bool:
        """Whether the text says `true`."""
        return self.source.strip().lower() == "true"
