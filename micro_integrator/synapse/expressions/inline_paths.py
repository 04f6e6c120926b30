"""Paths inside `${…}`: JSON paths whose index may be an expression and whose filter may name the message."""

import re
from collections.abc import Callable, Sequence

from micro_integrator.synapse.expressions import path_steps
from micro_integrator.synapse.expressions.cursor import Cursor
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.inline_nodes import NO_MESSAGE, Node
from micro_integrator.synapse.expressions.inline_sources import filter_value, index_key
from micro_integrator.synapse.expressions.path_filters import Operand
from micro_integrator.synapse.expressions.path_parser import Argument, PathReader
from micro_integrator.synapse.expressions.path_steps import PathBuilder, Scope, Step

_NAME = re.compile(r"[^\W\d][\w-]*")

ReadNode = Callable[[], Node]
MaybeReadNode = Callable[[], Node | None]


class InlinePaths(PathReader):
    """Reads names and paths at the cursor it shares with the parser of the expression around them."""

    def __init__(
        self, cursor: Cursor, read_index: ReadNode, read_quoted: MaybeReadNode, read_access: MaybeReadNode
    ) -> None:
        super().__init__(cursor)
        self._read_index, self._read_quoted, self._read_access = read_index, read_quoted, read_access

    def name(self) -> str:
        """Read the name that must follow: `.NAME`, `."any text"` or `["any text"]`."""
        cursor = self._cursor
        dotted = cursor.accept(".")
        if cursor.accept("["):
            name = cursor.quoted()
            if name is None:
                raise cursor.error("expected a name in quotes")
            cursor.expect("]")
            return name
        name = (cursor.quoted() or cursor.take(_NAME)) if dotted else None
        if name is None:
            raise cursor.unexpected()
        return name

    def _step_name(self) -> str:
        name = self._cursor.quoted()
        if name is None:
            name = self._cursor.take(_NAME)
        if name is None:
            raise self._cursor.unexpected()
        return name

    def _arguments(self) -> Sequence[Argument]:
        self._cursor.expect(")")
        return ()

    def _foreign(self, builder: PathBuilder) -> Operand | None:
        node = self._read_quoted() or self._read_access()
        if node is None:
            return None
        builder.reads_body = builder.reads_body or node.reads_body
        run = node.run
        return lambda element, scope: filter_value(run(scope.target))

    def _chosen(self, builder: PathBuilder) -> Step:
        cursor = self._cursor
        first = self._bound(builder)
        if cursor.accept(":"):
            return self._slice(builder, first)
        if first is None:
            raise cursor.unexpected()
        nodes = [first]
        while cursor.accept(","):
            nodes.append(self._index(builder))
        return self._picked(nodes)

    def _bound(self, builder: PathBuilder) -> Node | None:
        return None if self._cursor.sees(":") or self._cursor.sees("]") else self._index(builder)

    def _index(self, builder: PathBuilder) -> Node:
        node = self._read_index()
        builder.reads_body = builder.reads_body or node.reads_body
        return node

    def _slice(self, builder: PathBuilder, first: Node | None) -> Step:
        end = self._bound(builder)
        stride = self._bound(builder) if self._cursor.accept(":") else None
        bounds = (first, end, stride)
        return path_steps.part(lambda scope: _slice_of([_whole(node, scope) for node in bounds]))

    def _picked(self, nodes: Sequence[Node]) -> Step:
        is_single = len(nodes) == 1
        if not all(node.is_constant for node in nodes):
            runs = [node.run for node in nodes]
            return path_steps.pick(
                lambda scope: [index_key(run(scope.target)) for run in runs], single=is_single
            )
        keys = [self._key(node) for node in nodes]
        if is_single and isinstance(keys[0], int):
            return path_steps.index(keys[0])
        names = [key for key in keys if isinstance(key, str)]
        if len(names) == len(keys):
            return path_steps.member(names[0]) if is_single else path_steps.members(names)
        return path_steps.pick(lambda scope: keys, single=False)

    def _key(self, constant: Node) -> int | str:
        try:
            return index_key(constant.run(NO_MESSAGE))
        except EvaluationError as error:
            raise self._cursor.error(str(error)) from error


def _slice_of(bounds: Sequence[int | None]) -> slice:
    if bounds[2] == 0:
        raise EvaluationError("a slice cannot have the step 0")
    return slice(*bounds)


def _whole(node: Node | None, scope: Scope) -> int | None:
    if node is None:
        return None
    key = index_key(node.run(scope.target))
    if isinstance(key, int):
        return key
    raise EvaluationError("the ends of a slice must be whole numbers")
