"""The functions that may end a JSON path: `$.items.length()`, `$..price.sum()`."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal

from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.values import text_of

PathFunction = Callable[[object, Sequence[object]], object]


def _length(value: object, extra: Sequence[object]) -> object:
    if isinstance(value, dict | list | str):
        return len(value)
    raise EvaluationError("length() needs an array, an object or a string")


def _numbers(name: str, value: object, extra: Sequence[object]) -> list[float]:
    candidates = [*(value if isinstance(value, list) else ()), *extra]
    numbers = [
        float(item)
        for item in candidates
        if isinstance(item, int | float | Decimal) and not isinstance(item, bool)
    ]
    if not numbers:
        raise EvaluationError(f"{name}() needs an array with at least one number")
    return numbers


def _stddev(numbers: list[float]) -> float:
    mean = math.fsum(numbers) / len(numbers)
    return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers))


def _aggregate(name: str, work: Callable[[list[float]], float]) -> PathFunction:
    def function(value: object, extra: Sequence[object]) -> object:
        return work(_numbers(name, value, extra))

    return function


def _keys(value: object, extra: Sequence[object]) -> object:
    if isinstance(value, dict):
        return list(value)
    raise EvaluationError("keys() needs an object")


def _end(name: str, number: int) -> PathFunction:
    def function(value: object, extra: Sequence[object]) -> object:
        if isinstance(value, list) and value:
            return value[number]
        raise EvaluationError(f"{name}() needs an array with at least one element")

    return function


def _concat(value: object, extra: Sequence[object]) -> object:
    own = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return "".join([*own, *map(text_of, extra)])


PATH_FUNCTIONS: dict[str, PathFunction] = {
    "length": _length,
    "size": _length,
    "min": _aggregate("min", min),
    "max": _aggregate("max", max),
    "sum": _aggregate("sum", math.fsum),
    "avg": _aggregate("avg", lambda numbers: math.fsum(numbers) / len(numbers)),
    "stddev": _aggregate("stddev", _stddev),
    "keys": _keys,
    "first": _end("first", 0),
    "last": _end("last", -1),
    "concat": _concat,
}
"""Each takes what the path found so far, and the values of its arguments. Aggregates are doubles."""
