"""A resolver written by the user: a Python class, named `module:Class`.

    class NearTheData:
        def init(self, properties):                           # optional; only called if there is a [[task_resolver]]
            self.region = properties["region"]

        def get_task_node_location(self, view, task_name):    # a node id, or None for "not now"
            here = [node for node in view.candidates[task_name] if node.startswith(self.region)]
            return min(here, key=view.load.get, default=None)

It is asked once per pass for each task that needs an owner, in a thread of its own; `view` is a `View`. Whatever it
does costs one second of one pass and no more: what is not answered by then waits for the next pass.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from micro_integrator.kit import Clock, PluginError, Reminders, SystemClock, load_class
from micro_integrator.observability import get_logger
from micro_integrator.tasks.resolvers.calls import Calls, Reply
from micro_integrator.tasks.resolvers.resolver import Resolver, ResolverError, View

log = get_logger("CustomResolver")

LIMIT = 1.0
"""Seconds that all calls of one pass may take together."""

QUIET = 60.0
"""Seconds for which a task whose call hung is left out, and between two lines about one task."""

MOST_HUNG = 8
"""Threads that may hang at a time."""

MOST_RETRIED = MOST_HUNG // 2
"""Hanging threads up to which a task is asked for again while its former call goes on: the rest is for others."""

Locate = Callable[[View, str], object]


@dataclass(frozen=True, slots=True)
class _Hang:
    """A call that had not returned when its pass was over."""

    calls: Calls
    until: float


class Custom(Resolver):
    """Asks `locate` and believes nothing: an answer that is no candidate is refused."""

    def __init__(self, name: str, locate: Locate, clock: Clock | None = None, limit: float = LIMIT) -> None:
        self._name, self._locate, self._limit = name, locate, limit
        self._clock = clock or SystemClock()
        self._hangs: dict[str, _Hang] = {}
        self._abandoned: list[Calls] = []
        self._reminders = Reminders(QUIET)

    @classmethod
    def from_class(cls, name: str, properties: Mapping[str, str] | None) -> Self:
        """Load and make the resolver called `module:Class`. Raises ResolverError."""
        setting = "[task_handling] resolver_class"
        try:
            made: Any = load_class(name)()
            if properties is not None and hasattr(made, "init"):
                setting = "[[task_resolver]] of resolver_class"
                made.init(dict(properties))
        except PluginError as error:
            raise ResolverError(setting, name, str(error)) from error
        except Exception as error:  # the user's code may fail in any way
            raise ResolverError(setting, name, f"{type(error).__name__}: {error}") from error
        locate = getattr(made, "get_task_node_location", None)
        if not callable(locate) or inspect.iscoroutinefunction(locate):
            raise ResolverError(setting, name, "expected a method get_task_node_location(view, task_name)")
        return cls(name, locate)

    async def choose(self, view: View) -> Mapping[str, str]:
        """See Resolver."""
        now = self._clock.now()
        self.is_unfinished = False
        self._forget(now)
        tasks = [task for task in view.candidates if not self._is_left_out(task, now)]
        if not tasks or self._is_stuck(now):
            return {}
        calls = Calls(partial(self._locate, view), tasks, f"resolver {self._name}")
        try:
            replies = await calls.replies(self._limit)
        finally:
            self._abandoned.append(calls)
        if len(replies) < len(tasks):
            self._leave_out(calls, len(replies))
        return {reply.task: node for reply in replies if (node := self._accepted(reply, view)) is not None}

    def _forget(self, now: float) -> None:
        """Drop what is over, so that nothing grows with the number of tasks there ever were."""
        self._abandoned = [calls for calls in self._abandoned if calls.is_running]
        self._hangs = {
            task: hang
            for task, hang in self._hangs.items()
            if hang.calls.is_running or (now < hang.until and hang.calls.has_hung(self._limit))
        }

    def _is_left_out(self, task: str, now: float) -> bool:
        hang = self._hangs.get(task)
        return hang is not None and (now < hang.until or len(self._abandoned) >= MOST_RETRIED)

    def _is_stuck(self, now: float) -> bool:
        """Whether so many calls hang that another one might be one too many."""
        is_stuck = len(self._abandoned) >= MOST_HUNG
        if is_stuck and self._reminders.is_due(now, "stuck"):
            log.error(
                "Resolver [{resolver}] hangs in {count} calls; it is not asked again before one of them ends",
                resolver=self._name,
                count=len(self._abandoned),
            )
        return is_stuck

    def _leave_out(self, calls: Calls, answered: int) -> None:
        """The calls are made in order, so the first one without a reply is the one that did not end."""
        now, task, waiting = self._clock.now(), calls.tasks[answered], len(calls.tasks) - answered - 1
        self._hangs[task] = _Hang(calls, now + QUIET)
        self.is_unfinished = waiting > 0
        if self._reminders.is_due(now, ("hangs", task)):
            log.warning(
                "Resolver [{resolver}] took more than {limit:g} s and had not answered for task [{task}]; "
                "{waiting} more task(s) wait for the next pass",
                resolver=self._name,
                limit=self._limit,
                task=task,
                waiting=waiting,
            )

    def _accepted(self, reply: Reply, view: View) -> str | None:
        """Return the answer if a plan can follow it."""
        now = self._clock.now()
        if reply.trouble:
            if self._reminders.is_due(now, ("failed", reply.task)):
                log.warning(
                    "Resolver [{resolver}] failed for task [{task}], which waits: {trouble}",
                    resolver=self._name,
                    task=reply.task,
                    trouble=reply.trouble,
                )
            return None
        if reply.answer is None or reply.answer in view.candidates[reply.task]:
            return reply.answer
        if self._reminders.is_due(now, ("refused", reply.task)):
            log.warning(
                "Resolver [{resolver}] chose [{node}] for task [{task}], which cannot run there and waits; "
                "candidates are {candidates}",
                resolver=self._name,
                node=reply.answer,
                task=reply.task,
                candidates=", ".join(view.candidates[reply.task]),
            )
        return None
