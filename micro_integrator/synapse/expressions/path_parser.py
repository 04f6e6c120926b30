"""Reads JSON paths of the Jayway dialect: `$.store.book[?(@.price < 10)].title`, `$..price.sum()`."""

import re
from collections.abc import Callable, Sequence

from micro_integrator.synapse.expressions import path_steps
from micro_integrator.synapse.expressions.cursor import Cursor
from micro_integrator.synapse.expressions.path_filters import parse_filter
from micro_integrator.synapse.expressions.path_functions import PATH_FUNCTIONS
from micro_integrator.synapse.expressions.path_steps import Path, PathBuilder, Scope, Step
from micro_integrator.synapse.expressions.values import parse_json

_NAME = re.compile(r"[^\s.\[\]()=!<>&|,~'\"*{}]+")
_INTEGER = re.compile(r"-?\d+")
_LITERAL = re.compile(r"-?\d[\d.eE+-]*|true|false|null")
LAST_BUT = re.compile(r"\(\s*@\s*\.\s*(?:length|\"length\"|'length')\s*(?:\(\s*\)\s*)?-\s*(\d+)\s*\)\s*")
"""`[(@.length-1)]`: counted from the end of the array."""

Argument = Callable[[Scope], object]


def parse_path(text: str) -> Path:
    """Compile a whole path; a missing `$.` and a trailing dot are forgiven. Raises ExpressionError."""
    whole = text.strip().removesuffix(".") or "$"
    if not whole.startswith("$"):
        whole = f"${whole}" if whole.startswith(("[", ".")) else f"$.{whole}"
    cursor = Cursor(whole, 1)
    path = _PathParser(cursor).steps()
    if not cursor.at_end():
        raise cursor.unexpected()
    return path


class _PathParser:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def steps(self) -> Path:
        """Read steps until something stands there that is none."""
        builder, cursor = PathBuilder(), self._cursor
        while True:
            if cursor.accept(".."):
                builder.add(self._descent())
            elif cursor.accept("."):
                self._after_dot(builder)
            elif cursor.accept("["):
                builder.add(self._bracket())
            else:
                return builder.path()

    def _after_dot(self, builder: PathBuilder) -> None:
        if self._cursor.accept("["):
            builder.add(self._bracket())
            return
        if self._cursor.accept("*"):
            builder.add(path_steps.WILDCARD)
            return
        name = self._name()
        if name in PATH_FUNCTIONS and self._cursor.accept("("):
            self._call(builder, name)
        else:
            builder.add(path_steps.member(name))

    def _descent(self) -> Step:
        if self._cursor.accept("*"):
            return path_steps.anywhere(path_steps.WILDCARD)
        if self._cursor.accept("["):
            return self._bracket(deep=True)
        return path_steps.anywhere(path_steps.member(self._name()))

    def _name(self) -> str:
        name = self._cursor.take(_NAME)
        if name is None:
            raise self._cursor.unexpected()
        return name

    def _bracket(self, *, deep: bool = False) -> Step:
        cursor = self._cursor
        if cursor.accept("?"):
            cursor.expect("(")
            accepts = parse_filter(cursor, self.steps, lambda: None)
            cursor.expect(")")
            cursor.expect("]")
            return path_steps.where_anywhere(accepts) if deep else path_steps.where(accepts)
        step = self._selection()
        cursor.expect("]")
        return path_steps.anywhere(step) if deep else step

    def _selection(self) -> Step:
        cursor = self._cursor
        if cursor.accept("*"):
            return path_steps.WILDCARD
        if found := cursor.take(LAST_BUT):
            return path_steps.index(last_but(found))
        if (name := cursor.quoted()) is not None:
            names = [name]
            while cursor.accept(","):
                names.append(self._quoted_name())
            return path_steps.member(name) if len(names) == 1 else path_steps.members(names)
        return self._numbers()

    def _quoted_name(self) -> str:
        if (name := self._cursor.quoted()) is None:
            raise self._cursor.unexpected()
        return name

    def _numbers(self) -> Step:
        cursor = self._cursor
        first = cursor.take(_INTEGER)
        if cursor.accept(":"):
            end = cursor.take(_INTEGER)
            stride = cursor.take(_INTEGER) if cursor.accept(":") else None
            bounds = slice(*(int(bound) if bound else None for bound in (first, end, stride)))
            if bounds.step == 0:
                raise cursor.error("a slice cannot have the step 0")
            return path_steps.part(lambda scope: bounds)
        if first is None:
            raise cursor.unexpected()
        numbers = [int(first)]
        while cursor.accept(","):
            following = cursor.take(_INTEGER)
            if following is None:
                raise cursor.unexpected()
            numbers.append(int(following))
        if len(numbers) == 1:
            return path_steps.index(numbers[0])
        return path_steps.pick(lambda scope: numbers, single=False)

    def _call(self, builder: PathBuilder, name: str) -> None:
        arguments = self._arguments()
        function = PATH_FUNCTIONS[name]
        builder.call(lambda value, scope: function(value, [read(scope) for read in arguments]), f"{name}()")

    def _arguments(self) -> Sequence[Argument]:
        arguments: list[Argument] = []
        while not self._cursor.accept(")"):
            if arguments:
                self._cursor.expect(",")
            arguments.append(self._argument())
        return arguments

    def _argument(self) -> Argument:
        cursor = self._cursor
        if cursor.accept("$"):
            path = self.steps()
            return lambda scope: path.read(scope.root, scope.target)
        value: object = cursor.quoted()
        if value is None:
            literal = cursor.take(_LITERAL)
            if literal is None:
                raise cursor.unexpected()
            value = parse_json(literal)
        return lambda scope: value


def last_but(found: str) -> int:
    """The index that a text matched by LAST_BUT means."""
    return -int(found.rstrip(" )\t\n").rpartition("-")[2])
