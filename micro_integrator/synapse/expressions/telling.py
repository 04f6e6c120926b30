"""The warning about an expression that a message gives no value."""

from micro_integrator.observability import Logger
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.target import EvaluationTarget


def tell(log: Logger, source: str, error: EvaluationError, message: EvaluationTarget) -> None:
    """Say which expression has failed, why, and in which mediator it stands."""
    position = message.position
    log.warning(
        "Error evaluating expression: {expr} cause : {cause}{place}",
        expr=source,
        cause=error,
        place=f" (at {position})" if position else "",
    )
