"""Shipped code with one deliberate fault, for the length of a block.

A fault is a change of text in a function or a statement. A text that is not found there once fails loudly, so that
no mutant grows old unnoticed.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from micro_integrator.database import BatchUpdate, Statement


@contextmanager
def changed_function(function: Callable[..., Any] | property, old: str, new: str) -> Iterator[None]:
    """Replace `old` by `new` in the source of a function or property, wherever it was imported to."""
    target = function.fget if isinstance(function, property) else function
    assert isinstance(target, FunctionType)
    source = textwrap.dedent(inspect.getsource(target))
    assert source.count(old) == 1, f"{target.__qualname__} does not say {old!r} once"
    made: dict[str, Any] = {}
    exec(compile(source.replace(old, new), target.__code__.co_filename, "exec"), target.__globals__, made)
    changed = made[target.__name__]
    former, target.__code__ = target.__code__, getattr(changed, "fget", changed).__code__
    try:
        yield
    finally:
        target.__code__ = former


@contextmanager
def changed_text(statement: Statement | BatchUpdate, field: str, old: str, new: str) -> Iterator[None]:
    """Replace `old` by `new` in a text of a statement; every run renders it anew."""
    former: str = getattr(statement, field)
    assert former.count(old) == 1, f"{old!r} does not occur once in {former!r}"
    with _changed(statement, field, former.replace(old, new)):
        yield


@contextmanager
def changed_column(batch: BatchUpdate, column: str, expression: str) -> Iterator[None]:
    """Let `batch` set `column` to another `expression`."""
    assert column in dict(batch.set), f"{column} is not set"
    changed = tuple((name, expression if name == column else former) for name, former in batch.set)
    with _changed(batch, "set", changed):
        yield


@contextmanager
def _changed(frozen: object, field: str, value: object) -> Iterator[None]:
    former = getattr(frozen, field)
    object.__setattr__(frozen, field, value)
    try:
        yield
    finally:
        object.__setattr__(frozen, field, former)
