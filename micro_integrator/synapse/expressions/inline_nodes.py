"""The pieces a `${…}` expression is put together from, each a function of the message."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.values import text_of

Run = Callable[[EvaluationTarget], object]


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled piece: how to evaluate it, and what is known before any message is seen."""

    run: Run
    reads_body: bool = False
    is_constant: bool = False


class LooseText(str):
    """Text of a header, property or parameter: a string that counts as a number where one is needed."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What `xpath()` found: a string for operators, functions and text, the nodes for a typed value."""

    nodes: object
    text: str


NO_MESSAGE = cast(EvaluationTarget, None)
"""What constants are evaluated on: they do not look."""


def literal(value: object) -> Node:
    """A piece that is always `value`."""
    return Node(lambda message: value, is_constant=True)


def folded(node: Node) -> Node:
    """Evaluate a constant piece once and for all; one that fails keeps failing with each message."""
    if not node.is_constant:
        return node
    try:
        return literal(node.run(NO_MESSAGE))
    except EvaluationError:
        return replace(node, is_constant=False)


def plain(value: object) -> object:
    """The value as operators and functions see it."""
    return value.text if isinstance(value, Found) else value


def shown(value: object) -> str:
    """The value as an error message names it."""
    return "null" if value is None else text_of(plain(value))
