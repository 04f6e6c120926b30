"""What can go wrong with an expression: refused when it is read, or without a result when it runs."""

from micro_integrator.kit import MicroIntegratorError


class ExpressionError(MicroIntegratorError):
    """The text is not an expression of its language; found at deployment. `column` counts from 1."""

    def __init__(self, reason: str, source: str, column: int) -> None:
        super().__init__(f"{reason} at column {column} of '{source}'")
        self.reason, self.source, self.column = reason, source, column


class EvaluationError(MicroIntegratorError):
    """This message gives the expression no value; becomes a warning and an empty result."""
