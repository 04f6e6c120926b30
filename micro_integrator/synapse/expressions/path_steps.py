"""The steps a JSON path is made of, and how a path walks through a document.

A path is *definite* while it can name one place only; then a missing place is an error. After the first
wildcard, slice, filter, union or `..` it is *indefinite*: it gives the list of what it finds, possibly empty.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.target import EvaluationTarget

Nodes = list[object]

_INDEX = re.compile(r"-?\d{1,18}")


class Scope(NamedTuple):
    """What a step may look at besides the nodes it is given."""

    root: object
    target: EvaluationTarget


@dataclass(frozen=True, slots=True)
class Step:
    """One step: from the nodes found so far to the next ones.

    shown        how an error message names it
    is_definite  one node gives at most one node
    must_find    finding nothing is an error (set when the path is put together)
    member       the name, when the step leads to the member of an object
    """

    apply: Callable[[Nodes, Scope], Nodes]
    shown: str
    is_definite: bool = True
    must_find: bool = False
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path."""

    steps: tuple[Step, ...] = ()
    is_definite: bool = True
    reads_body: bool = False
    members: tuple[str, ...] | None = None
    """The way, when it leads through members of objects only, as most do: walked without collecting nodes."""

    def read(self, root: object, target: EvaluationTarget) -> object:
        """The value at a definite path, else the list of matches. Raises EvaluationError."""
        if self.members is not None:
            return _walked(root, self.members)
        nodes, scope = [root], Scope(root, target)
        for step in self.steps:
            nodes = step.apply(nodes, scope)
            if step.must_find and not nodes:
                raise EvaluationError(f"nothing found at '{step.shown}'")
        return nodes[0] if self.is_definite else nodes


def _walked(node: object, members: Sequence[str]) -> object:
    for name in members:
        if not isinstance(node, dict) or name not in node:
            raise EvaluationError(f"nothing found at '{name}'")
        node = node[name]
    return node


class PathBuilder:
    """Puts steps together and keeps account of whether the path is still definite."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._is_definite = True
        self.reads_body = False

    def add(self, step: Step) -> None:
        """Append a step that goes on from each node."""
        must_find = self._is_definite and step.is_definite
        self._steps.append(replace(step, must_find=must_find))
        self._is_definite = must_find

    def call(self, function: Callable[[object, Scope], object], shown: str) -> None:
        """Append a function of everything found so far."""
        whole = not self._is_definite

        def apply(nodes: Nodes, scope: Scope) -> Nodes:
            try:
                return [function(nodes if whole else nodes[0], scope)]
            except (ArithmeticError, ValueError) as error:
                raise EvaluationError(f"{shown} has no result: {error}") from error

        self._steps.append(Step(apply, shown))
        self._is_definite = True

    def path(self) -> Path:
        """The path as it is now."""
        names = tuple(step.member for step in self._steps if step.member is not None)
        members = names if len(names) == len(self._steps) else None
        return Path(tuple(self._steps), self._is_definite, self.reads_body, members)


def member(name: str) -> Step:
    """The member `name` of objects."""

    def apply(nodes: Nodes, scope: Scope) -> Nodes:
        return [node[name] for node in nodes if isinstance(node, dict) and name in node]

    return Step(apply, name, member=name)


def members(names: Sequence[str]) -> Step:
    """Objects reduced to the members `names`."""

    def apply(nodes: Nodes, scope: Scope) -> Nodes:
        return [
            {name: node[name] for name in names if name in node} for node in nodes if isinstance(node, dict)
        ]

    return Step(apply, ",".join(names))


def index(number: int) -> Step:
    """The element `number` of arrays, counted from the end when negative."""

    def apply(nodes: Nodes, scope: Scope) -> Nodes:
        return [node[number] for node in nodes if isinstance(node, list) and -len(node) <= number < len(node)]

    return Step(apply, f"[{number}]")


def pick(keys: Callable[[Scope], Sequence[object]], *, single: bool) -> Step:
    """Members or elements whose names or numbers are known at run time only, or are several."""

    def apply(nodes: Nodes, scope: Scope) -> Nodes:
        chosen = keys(scope)
        return [found for node in nodes for key in chosen for found in _at(node, key)]

    return Step(apply, "[…]", is_definite=single)


def _at(node: object, key: object) -> Iterator[object]:
    if isinstance(node, dict):
        if isinstance(key, str) and key in node:
            yield node[key]
    elif isinstance(node, list):
        # a number may come as text, out of a property or a header
        number = int(key) if isinstance(key, str) and _INDEX.fullmatch(key) else key
        if isinstance(number, int) and not isinstance(number, bool) and -len(node) <= number < len(node):
            yield node[number]


def part(bounds: Callable[[Scope], slice]) -> Step:
    """The elements `[start:end:step]` of arrays."""

    def apply(nodes: Nodes, scope: Scope) -> Nodes:
        bound = bounds(scope)
        return [found for node in nodes if isinstance(node, list) for found in node[bound]]

    return Step(apply, "[:]", is_definite=False)


def _children(nodes: Nodes, scope: Scope) -> Nodes:
    return [found for node in nodes for found in _inside(node)]


def _inside(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node


WILDCARD = Step(_children, "*", is_definite=False)
"""All members and elements."""

Predicate = Callable[[object, Scope], bool]


def where(accepts: Predicate) -> Step:
    """The elements of arrays that a filter accepts; an object is asked itself."""

    def apply(nodes: Nodes, scope: Scope) -> Nodes:
        candidates = (item for node in nodes for item in (node if isinstance(node, list) else [node]))
        return [item for item in candidates if accepts(item, scope)]

    return Step(apply, "[?(…)]", is_definite=False)


def where_anywhere(accepts: Predicate) -> Step:
    """`..[?(…)]`: the objects at any depth that a filter accepts."""

    def apply(nodes: Nodes, scope: Scope) -> Nodes:
        found = (item for node in nodes for item in _containers(node) if isinstance(item, dict))
        return [item for item in found if accepts(item, scope)]

    return Step(apply, "..[?(…)]", is_definite=False)


def anywhere(step: Step) -> Step:
    """`..`: `step` applied to every object and array below, in document order."""

    def apply(nodes: Nodes, scope: Scope) -> Nodes:
        return [found for node in nodes for item in _containers(node) for found in step.apply([item], scope)]

    return Step(apply, f"..{step.shown}", is_definite=False)


def _containers(node: object) -> Iterator[object]:
    if isinstance(node, dict | list):
        yield node
        for child in _inside(node):
            yield from _containers(child)
