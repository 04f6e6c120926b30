"""Reads JSON paths of the Jayway dialect: `$.store.book[?(@.price < 10)].title`, `$..price.sum()`."""

import re
from collections.abc import Callable, Sequence

from micro_integrator.synapse.expressions import path_steps
from micro_integrator.synapse.expressions.cursor import Cursor
from micro_integrator.synapse.expressions.path_filters import Operand, parse_filter, scalar
from micro_integrator.synapse.expressions.path_functions import PATH_FUNCTIONS
from micro_integrator.synapse.expressions.path_steps import Path, PathBuilder, Scope, Step

_NAME = re.compile(r"[^\s.\[\]()=!<>&|,~*{}]+")
"""A name behind a dot may have quotes in it, as the reference takes them: `$.o'clock`."""
_INTEGER = re.compile(r"-?\d{1,18}")
_LAST_BUT = re.compile(
    r"\(\s*@\s*\.\s*(?:length|\"length\"|'length')\s*(?:\(\s*\)\s*)?-\s*(\d{1,18})\s*\)\s*"
)
"""`[(@.length-1)]`: counted from the end of the array."""

Argument = Callable[[Scope], object]


def parse_path(text: str) -> Path:
    """Compile a whole path; a missing `$.` and a trailing dot are forgiven. Raises ExpressionError."""
    whole = text.strip().removesuffix(".") or "$"
    if not whole.startswith("$"):
        whole = f"${whole}" if whole.startswith(("[", ".")) else f"$.{whole}"
    cursor = Cursor(whole, 1)
    path = PathReader(cursor).read()
    if not cursor.at_end():
        raise cursor.unexpected()
    return path


class PathReader:
    """Reads the steps of a path at a cursor; a language that allows other things in it overrides how they are read."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def read(self) -> Path:
        """Read steps until something stands there that is none; the path may be empty. Raises ExpressionError."""
        builder, cursor = PathBuilder(), self._cursor
        while True:
            if cursor.accept(".."):
                builder.add(self._descent(builder))
            elif cursor.accept("."):
                self._after_dot(builder)
            elif cursor.accept("["):
                builder.add(self._bracket(builder))
            else:
                return builder.path()

    def _descent(self, builder: PathBuilder) -> Step:
        if self._cursor.accept("*"):
            return path_steps.anywhere(path_steps.WILDCARD)
        if self._cursor.accept("["):
            return self._bracket(builder, deep=True)
        return path_steps.anywhere(path_steps.member(self._step_name()))

    def _after_dot(self, builder: PathBuilder) -> None:
        cursor = self._cursor
        if cursor.accept("["):
            builder.add(self._bracket(builder))
            return
        if cursor.accept("*"):
            builder.add(path_steps.WILDCARD)
            return
        name = self._step_name()
        if cursor.sees("("):
            self._call(builder, name)
        else:
            builder.add(path_steps.member(name))

    def _call(self, builder: PathBuilder, name: str) -> None:
        function = PATH_FUNCTIONS.get(name)
        if function is None:
            raise self._cursor.error(f"a path has no function '{name}()'")
        self._cursor.expect("(")
        arguments = self._arguments()
        builder.call(lambda value, scope: function(value, [read(scope) for read in arguments]), f"{name}()")

    def _bracket(self, builder: PathBuilder, *, deep: bool = False) -> Step:
        cursor = self._cursor
        if cursor.accept("?"):
            cursor.expect("(")
            accepts = parse_filter(cursor, lambda: self._inner(builder), lambda: self._foreign(builder))
            cursor.expect(")")
            step = path_steps.where_anywhere(accepts) if deep else path_steps.where(accepts)
        else:
            selection = self._selection(builder)
            step = path_steps.anywhere(selection) if deep else selection
        cursor.expect("]")
        return step

    def _inner(self, builder: PathBuilder) -> Path:
        """Read a path inside a filter: what it needs, the whole path needs."""
        path = self.read()
        builder.reads_body = builder.reads_body or path.reads_body
        return path

    def _selection(self, builder: PathBuilder) -> Step:
        if self._cursor.accept("*"):
            return path_steps.WILDCARD
        if found := self._cursor.take(_LAST_BUT):
            return path_steps.index(-int(found.rstrip(" )\t\n").rpartition("-")[2]))
        return self._chosen(builder)

    # ---- what another language reads in its own way

    def _step_name(self) -> str:
        name = self._cursor.take(_NAME)
        if name is None:
            raise self._cursor.unexpected()
        return name

    def _foreign(self, builder: PathBuilder) -> Operand | None:
        """Read an operand of a filter that is not part of a path language."""
        return None

    def _chosen(self, builder: PathBuilder) -> Step:
        """Read the names, numbers or slice between brackets."""
        cursor = self._cursor
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
            path = self.read()
            return lambda scope: path.read(scope.root, scope.target)
        value = scalar(cursor)
        return lambda scope: value
