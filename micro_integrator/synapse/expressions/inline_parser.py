"""Reads `${…}` expressions straight into compiled pieces.

expression := condition [ '?' expression ':' expression ]
condition  := operators of `inline_operators` between factors
factor     := '-' factor | literal | '(' expression ')' | '[' list ']' | access | function
access     := payload | $ | vars | headers | props | params | configs, each with its path
"""

import re
from collections.abc import Callable, Mapping, Sequence

from micro_integrator.kit import did_you_mean
from micro_integrator.synapse.expressions import inline_calls, inline_sources
from micro_integrator.synapse.expressions.cursor import Cursor
from micro_integrator.synapse.expressions.errors import ExpressionError
from micro_integrator.synapse.expressions.inline_nodes import Node, folded, literal, plain
from micro_integrator.synapse.expressions.inline_numbers import read_number
from micro_integrator.synapse.expressions.inline_operators import binary, conditional, negative
from micro_integrator.synapse.expressions.inline_paths import InlinePaths
from micro_integrator.synapse.expressions.values import NUMBER

NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9-]*")

_LEVELS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\|\||or(?![\w-])",
        r"&&|and(?![\w-])",
        r"==|!=",
        r"<=|>=|<|>",
        r"[+-]",
        r"[*/%]",
    )
)
_WORDS = {"true": True, "false": False, "null": None}
_ROOTS = ("payload", "vars", "headers", "props", "properties", "params", "configs")


def parse_inline(text: str, namespaces: Mapping[str, str]) -> Node:
    """Compile the text between `${` and `}`. Raises ExpressionError."""
    cursor = Cursor(text)
    node = InlineParser(cursor, namespaces).expression()
    if not cursor.at_end():
        raise cursor.unexpected()
    return node


class InlineParser:
    """Recursive descent over one expression."""

    def __init__(self, cursor: Cursor, namespaces: Mapping[str, str]) -> None:
        self._cursor, self._namespaces = cursor, namespaces
        self._paths = InlinePaths(cursor, self.condition, self.quoted_access, self.access)

    def expression(self) -> Node:
        """Read an expression, conditional or not."""
        condition = self.condition()
        if not self._cursor.accept("?"):
            return condition
        yes = self.expression()
        self._cursor.expect(":")
        return conditional(condition, yes, self.expression())

    def condition(self, level: int = 0) -> Node:
        """Read operators of `level` and above, without `?:`."""
        if level == len(_LEVELS):
            return self._factor()
        left = self.condition(level + 1)
        while symbol := self._cursor.take(_LEVELS[level]):
            left = binary(symbol, left, self.condition(level + 1))
        return left

    def _factor(self) -> Node:
        cursor = self._cursor
        if cursor.accept("-"):
            return negative(self._factor())
        if number := cursor.take(NUMBER):
            return literal(read_number(number))
        if (text := cursor.quoted()) is not None:
            return literal(text)
        if cursor.accept("("):
            inner = self.expression()
            cursor.expect(")")
            return inner
        if cursor.accept("["):
            return self._list()
        return self.access() or self._word()

    def _list(self) -> Node:
        items = self._separated("]")
        runs = [item.run for item in items]
        reads_body = any(item.reads_body for item in items)
        is_constant = all(item.is_constant for item in items)
        return folded(Node(lambda message: [plain(run(message)) for run in runs], reads_body, is_constant))

    def _separated(self, end: str) -> list[Node]:
        nodes: list[Node] = []
        while not self._cursor.accept(end):
            if nodes:
                self._cursor.expect(",")
            nodes.append(self.expression())
        return nodes

    def _word(self) -> Node:
        cursor, start = self._cursor, self._cursor.position
        name = cursor.take(NAME)
        if name is None:
            raise cursor.unexpected()
        if name in _WORDS:
            return literal(_WORDS[name])
        if cursor.accept("("):
            return self._call(name, start)
        raise cursor.error(f"'{name}' is no value{did_you_mean(name, [*_ROOTS, *_WORDS])}", start)

    def _call(self, name: str, start: int) -> Node:
        arguments = self._separated(")")
        node = inline_calls.call(
            name, arguments, self._namespaces, lambda reason: self._cursor.error(reason, start)
        )
        if name not in inline_calls.TAKE_A_PATH:
            return node
        if name == "registry" and self._cursor.accept(".property("):
            return inline_sources.registry_property(arguments[0], self._last_argument())
        path = self._paths.read()
        return inline_sources.suffixed(node, path) if path.steps else node

    def _last_argument(self) -> Node:
        node = self.expression()
        self._cursor.expect(")")
        return node

    def access(self) -> Node | None:
        """Read an access to the message, if there is one here."""
        cursor = self._cursor
        if cursor.accept("$"):
            return inline_sources.payload(self._paths.read())
        start = cursor.position
        root = cursor.take(NAME)
        if root not in _ROOTS or cursor.sees("("):
            cursor.position = start
            return None
        return self._accesses[root](self)

    def quoted_access(self) -> Node | None:
        """Read a string that holds an access, as filters of existing artifacts have it: "vars.name"."""
        cursor, start = self._cursor, self._cursor.position
        text = cursor.quoted()
        if text is not None and text.split(".")[0].split("[")[0] in _ROOTS:
            inner = Cursor(text)
            try:
                node = InlineParser(inner, self._namespaces).access()
            except ExpressionError:
                node = None
            if node is not None and inner.at_end():
                return node
        cursor.position = start
        return None

    def _payload(self) -> Node:
        return inline_sources.payload(self._paths.read())

    def _variable(self) -> Node:
        name = self._paths.name()
        return inline_sources.variable(name, self._paths.read())

    def _header(self) -> Node:
        return inline_sources.header(self._paths.name())

    def _config(self) -> Node:
        return inline_sources.config(self._paths.name())

    def _property(self) -> Node:
        scope = self._choice(tuple(inline_sources.PROPERTY_SCOPES))
        return inline_sources.message_property(scope, self._paths.name())

    def _parameter(self) -> Node:
        kind = self._choice((*inline_sources.PARAMETERS, "functionParams"))
        return inline_sources.parameter(kind, self._paths.name())

    def _choice(self, known: Sequence[str]) -> str:
        self._cursor.expect(".")
        start = self._cursor.position
        name = self._cursor.take(NAME)
        if name is None or name not in known:
            hint = did_you_mean(name or "", known)
            raise self._cursor.error(f"expected one of {', '.join(known)}{hint}", start)
        return name

    _accesses: Mapping[str, Callable[["InlineParser"], Node]] = {
        "payload": _payload,
        "vars": _variable,
        "headers": _header,
        "props": _property,
        "properties": _property,
        "params": _parameter,
        "configs": _config,
    }
