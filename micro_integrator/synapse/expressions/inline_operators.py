"""The operators of `${…}`.

    ?:    or ||    and &&    == !=    < <= > >=    + -    * / %        (lowest to highest, left to right)

`==` compares texts, so that 1 == "1"; `+` adds numbers or joins strings; conditions need booleans.
"""

from collections.abc import Callable
from decimal import Decimal

from micro_integrator.synapse.expressions import inline_numbers
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.inline_nodes import Node, folded, plain, shown
from micro_integrator.synapse.expressions.inline_numbers import Number, as_number
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.values import text_of

Work = Callable[[object, object], object]


def binary(symbol: str, left: Node, right: Node) -> Node:
    """`left symbol right`, calculated at once if both sides are constant."""
    run = _lazy(symbol, left, right) if symbol in _LOGICAL else _eager(symbol, left, right)
    return folded(Node(run, left.reads_body or right.reads_body, left.is_constant and right.is_constant))


def negative(operand: Node) -> Node:
    """`-operand`."""

    def run(message: EvaluationTarget) -> object:
        value = plain(operand.run(message))
        if (number := as_number(value)) is None:
            raise EvaluationError(f"- needs a number, not {shown(value)}")
        return number.copy_negate() if isinstance(number, Decimal) else -number

    return folded(Node(run, operand.reads_body, operand.is_constant))


def conditional(condition: Node, yes: Node, no: Node) -> Node:
    """`condition ? yes : no`."""

    def run(message: EvaluationTarget) -> object:
        return (yes if _boolean("?", condition.run(message)) else no).run(message)

    nodes = (condition, yes, no)
    return folded(Node(run, any(node.reads_body for node in nodes), all(node.is_constant for node in nodes)))


_LOGICAL = {"and": True, "&&": True, "or": False, "||": False}


def _lazy(symbol: str, left: Node, right: Node) -> Callable[[EvaluationTarget], object]:
    goes_on_when = _LOGICAL[symbol]

    def run(message: EvaluationTarget) -> object:
        first = _boolean(symbol, left.run(message))
        return _boolean(symbol, right.run(message)) if first is goes_on_when else first

    return run


def _boolean(symbol: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise EvaluationError(f"{symbol} needs a boolean, not {shown(value)}")


def _eager(symbol: str, left: Node, right: Node) -> Callable[[EvaluationTarget], object]:
    work = _WORK[symbol]
    first, second = left.run, right.run
    return lambda message: work(plain(first(message)), plain(second(message)))


def _equal(left: object, right: object) -> bool:
    if left is None or right is None:
        return left is right
    return text_of(left) == text_of(right)


def _pair(symbol: str, left: object, right: object) -> tuple[Number, Number]:
    first, second = as_number(left), as_number(right)
    if first is None or second is None:
        raise EvaluationError(f"{symbol} needs two numbers, not {shown(left)} and {shown(right)}")
    return first, second


def _arithmetic(symbol: str, work: Callable[[Number, Number], Number]) -> Work:
    def run(left: object, right: object) -> object:
        first, second = _pair(symbol, left, right)
        try:
            return inline_numbers.within_limits(work(first, second))
        except ArithmeticError as error:
            raise EvaluationError(f"{shown(left)} {symbol} {shown(right)} cannot be calculated") from error

    return run


_sum = _arithmetic("+", inline_numbers.add)


def _plus(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str) and None in (as_number(left), as_number(right)):
        return left + right
    return _sum(left, right)


def _comparison(symbol: str, decide: Callable[[float], bool]) -> Work:
    return lambda left, right: decide(inline_numbers.compare(*_pair(symbol, left, right)))


_WORK: dict[str, Work] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _comparison("<", lambda order: order < 0),
    "<=": _comparison("<=", lambda order: order <= 0),
    ">": _comparison(">", lambda order: order > 0),
    ">=": _comparison(">=", lambda order: order >= 0),
    "+": _plus,
    "-": _arithmetic("-", inline_numbers.subtract),
    "*": _arithmetic("*", inline_numbers.multiply),
    "/": _arithmetic("/", inline_numbers.divide),
    "%": _arithmetic("%", inline_numbers.modulo),
}
