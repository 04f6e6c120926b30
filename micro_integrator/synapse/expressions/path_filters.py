"""Filters of JSON paths: what stands between `[?(` and `)]`.

or := and { '||' and }      and := not { '&&' not }      not := '!' not | '(' or ')' | test
test := operand [ operator operand ]          a lone path asks whether it exists
"""

import re
from collections.abc import Callable
from decimal import Decimal

from micro_integrator.synapse.expressions.cursor import Cursor
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.java_regex import java_regex
from micro_integrator.synapse.expressions.path_steps import Path, Predicate, Scope
from micro_integrator.synapse.expressions.values import NUMBER

Operand = Callable[[object, Scope], object]
"""From the node the filter looks at to a value; ABSENT when there is none."""

ABSENT = object()
"""The value of a path that leads nowhere; unlike null it equals nothing, not even null."""

_OPERATOR = re.compile(
    r"===|!==|==|!=|<=|>=|=~|<|>|=|(?:in|nin|subsetof|anyof|noneof|contains|size|empty)(?![\w.-])",
    re.IGNORECASE,
)
_NUMBER = re.compile("-?" + NUMBER.pattern)
_WORD = re.compile(r"(?:true|false|null)(?![\w.-])")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/([a-zA-Z]*)")
_WORDS = {"true": True, "false": False, "null": None}
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": re.UNICODE}


def parse_filter(
    cursor: Cursor, read_path: Callable[[], Path], read_foreign: Callable[[], Operand | None]
) -> Predicate:
    """Read a filter up to its closing `)`, which stays. Raises ExpressionError.

    `read_path` reads what follows `@` or `$`; `read_foreign` may recognise operands of an outer language.
    """
    return _Filter(cursor, read_path, read_foreign).alternatives()


class _Filter:
    def __init__(
        self, cursor: Cursor, read_path: Callable[[], Path], read_foreign: Callable[[], Operand | None]
    ) -> None:
        self._cursor, self._read_path, self._read_foreign = cursor, read_path, read_foreign

    def alternatives(self) -> Predicate:
        tests = [self._conjunction()]
        while self._cursor.accept("||"):
            tests.append(self._conjunction())
        return tests[0] if len(tests) == 1 else lambda node, scope: any(test(node, scope) for test in tests)

    def _conjunction(self) -> Predicate:
        tests = [self._negation()]
        while self._cursor.accept("&&"):
            tests.append(self._negation())
        return tests[0] if len(tests) == 1 else lambda node, scope: all(test(node, scope) for test in tests)

    def _negation(self) -> Predicate:
        if self._cursor.accept("!"):
            inner = self._negation()
            return lambda node, scope: not inner(node, scope)
        if self._cursor.accept("("):
            inner = self.alternatives()
            self._cursor.expect(")")
            return inner
        return self._test()

    def _test(self) -> Predicate:
        asks_existence = self._cursor.sees("@") or self._cursor.sees("$")
        left = self._operand()
        operator = self._cursor.take(_OPERATOR)
        if operator is None and asks_existence:
            return lambda node, scope: left(node, scope) is not ABSENT
        if operator is None:
            return lambda node, scope: left(node, scope) is True
        right, holds = self._operand(), _OPERATORS[operator.lower()]
        return lambda node, scope: holds(left(node, scope), right(node, scope))

    def _operand(self) -> Operand:
        if foreign := self._read_foreign():
            return foreign
        if self._cursor.accept("@"):
            return _node_path(self._read_path())
        if self._cursor.accept("$"):
            return _root_path(self._read_path())
        value = self._literal()
        return lambda node, scope: value

    def _literal(self) -> object:
        cursor = self._cursor
        if cursor.accept("["):
            return self._list()
        start = cursor.position
        if pattern := cursor.take(_REGEX):
            return _regex(cursor, pattern, start)
        return scalar(cursor)

    def _list(self) -> list[object]:
        items: list[object] = []
        while not self._cursor.accept("]"):
            if items:
                self._cursor.expect(",")
            items.append(self._literal())
        return items


def scalar(cursor: Cursor) -> object:
    """Read a string, a number, true, false or null. Raises ExpressionError."""
    if (text := cursor.quoted()) is not None:
        return text
    if word := cursor.take(_WORD):
        return _WORDS[word]
    if number := cursor.take(_NUMBER):
        return int(number) if number.lstrip("-").isdecimal() else Decimal(number)
    raise cursor.unexpected()


def _node_path(path: Path) -> Operand:
    def operand(node: object, scope: Scope) -> object:
        try:
            return path.read(node, scope.target)
        except EvaluationError:
            return ABSENT

    return operand


def _root_path(path: Path) -> Operand:
    def operand(node: object, scope: Scope) -> object:
        try:
            return path.read(scope.root, scope.target)
        except EvaluationError:
            return ABSENT

    return operand


def _regex(cursor: Cursor, literal: str, start: int) -> re.Pattern[str]:
    _, _, flags = literal.rpartition("/")
    body = literal[1 : len(literal) - len(flags) - 1].replace("\\/", "/")
    try:
        return _compiled(body, sum(_FLAGS.get(flag.lower(), re.NOFLAG) for flag in set(flags)))
    except EvaluationError as error:
        raise cursor.error(str(error), start) from error


def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    try:
        return java_regex(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise EvaluationError(f"not a regular expression: {error}") from error


def _same_type(left: object, right: object) -> bool:
    numbers = int | float | Decimal
    if isinstance(left, numbers) and isinstance(right, numbers):
        return isinstance(left, bool) == isinstance(right, bool)
    return type(left) is type(right)


def _exact(value: object) -> object:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _equal(left: object, right: object) -> bool:
    if ABSENT in (left, right):
        return left is right
    if _same_type(left, right):
        return _exact(left) == _exact(right)
    if isinstance(left, str) and isinstance(right, int | float | Decimal):
        left, right = right, left
    if isinstance(right, str) and isinstance(left, int | float | Decimal) and not isinstance(left, bool):
        # a number equals its text, as it does in the dialect that users know
        return _NUMBER.fullmatch(right) is not None and _exact(left) == Decimal(right)
    return False


def _ordered(decide: Callable[[int], bool]) -> Callable[[object, object], bool]:
    def holds(left: object, right: object) -> bool:
        if not _same_type(left, right) or not isinstance(left, str | int | float | Decimal):
            return False
        first, second = _exact(left), _exact(right)
        return decide((first > second) - (first < second))  # type: ignore[operator]  # same type, just checked

    return holds


def _matches(left: object, right: object) -> bool:
    if isinstance(left, re.Pattern):
        left, right = right, left
    if isinstance(right, str):
        right = _compiled(right)
    if not isinstance(right, re.Pattern):
        return False
    texts = left if isinstance(left, list) else [left]
    return any(
        right.fullmatch(str(text)) is not None for text in texts if isinstance(text, str | int | Decimal)
    )


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _in(left: object, right: object) -> bool:
    return any(_equal(left, item) for item in _items(right))


def _contains(left: object, right: object) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _in(right, left)


def _subset(left: object, right: object) -> bool:
    return isinstance(left, list) and all(_in(item, right) for item in left)


def _any_of(left: object, right: object) -> bool:
    return any(_in(item, right) for item in _items(left))


def _size(left: object, right: object) -> bool:
    expected = len(right) if isinstance(right, list) else right
    return isinstance(left, list | str) and len(left) == expected


def _empty(left: object, right: object) -> bool:
    return isinstance(left, list | str | dict) and (not left) == (right is not False)


_OPERATORS: dict[str, Callable[[object, object], bool]] = {
    "==": _equal,
    "=": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "===": lambda left, right: _same_type(left, right) and _equal(left, right),
    "!==": lambda left, right: not (_same_type(left, right) and _equal(left, right)),
    "<": _ordered(lambda order: order < 0),
    "<=": _ordered(lambda order: order <= 0),
    ">": _ordered(lambda order: order > 0),
    ">=": _ordered(lambda order: order >= 0),
    "=~": _matches,
    "in": _in,
    "nin": lambda left, right: not _in(left, right),
    "contains": _contains,
    "subsetof": _subset,
    "anyof": _any_of,
    "noneof": lambda left, right: isinstance(left, list) and not _any_of(left, right),
    "size": _size,
    "empty": _empty,
}
