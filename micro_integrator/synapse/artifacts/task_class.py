"""The work of a task as a class of the user: `module:Class` with a method `execute`."""

import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from micro_integrator.observability import get_logger
from micro_integrator.synapse import user_class
from micro_integrator.synapse.artifacts.task_work import TaskProperty
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.tasks import BodyFailed, Fire

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

log = get_logger("TaskClass")


class TaskClass:
    """Calls `execute`: in a thread, or on the event loop when it is a coroutine. Runs never overlap."""

    is_sequential = True

    def __init__(self, task: str, instance: Any) -> None:
        self._task, self._instance = task, instance
        self._engine: Engine | None = None
        self._running = threading.Lock()

    @classmethod
    def read(
        cls, task: str, class_name: str, properties: Mapping[str, TaskProperty], x: XmlReader
    ) -> "TaskClass":
        """Make the user's object and set its properties. Raises DeploymentError when the class cannot be used."""
        made = user_class.make(class_name, "task", x)
        if not callable(getattr(made, "execute", None)):
            raise x.error(f"Failed to load task class {class_name}: it has no method execute()")
        for entry in properties.values():
            user_class.set_property(
                made, entry.name, entry.text if entry.element is None else entry.element, entry.reader
            )
        return cls(task, made)

    async def start(self, engine: "Engine") -> None:
        """Call `init(engine)` if the class has it."""
        self._engine = engine
        await user_class.call_if_there(self._instance, "init", engine, engine)

    @property
    def prepare(self) -> Callable[[], Awaitable[None]] | None:
        """See TaskWork: the method `start` of the class, if it has one."""
        return self._prepare if callable(getattr(self._instance, "start", None)) else None

    async def _prepare(self) -> None:
        if (engine := self._engine) is not None:
            await user_class.call(self._instance.start, engine)

    async def run(self, fire: Fire) -> None:
        """Call `execute`; whatever it raises is the failure of this fire."""
        if self._engine is None:
            raise BodyFailed("The task was taken back before this run began")
        is_coroutine = inspect.iscoroutinefunction(self._instance.execute)
        try:
            await user_class.call(self._instance.execute if is_coroutine else self._execute, self._engine)
        except Exception as error:
            log.debug("Task [{task}] failed", task=self._task, exc_info=error)  # for the author of the class
            raise BodyFailed(str(error) or type(error).__name__) from error

    async def stop(self) -> None:
        """Call `destroy()` if the class has it and was started."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await user_class.call_if_there(self._instance, "destroy", engine)

    def _execute(self) -> None:
        """Run in a thread, which cancellation does not end: then the next run must not begin beside it."""
        if not self._running.acquire(blocking=False):
            raise BodyFailed("The run before was cancelled and has not ended yet")
        try:
            self._instance.execute()
        finally:
            self._running.release()
