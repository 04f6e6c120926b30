"""The work of a task as a class of the user: `module:Class` with a method `execute`."""

import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from micro_integrator.kit import PluginError, load_class
from micro_integrator.observability import get_logger
from micro_integrator.synapse.artifacts.task_work import TaskProperty
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean
from micro_integrator.synapse.reading import Terms
from micro_integrator.tasks import BodyFailed, Fire

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

log = get_logger("TaskClass")

JAVA_PREFIXES = ("org.", "com.", "net.", "java.")
CONVERSIONS: Mapping[object, Callable[[str], object]] = {int: int, float: float, bool: boolean, str: str}


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
        if refusal := _refusal(class_name, x.terms):
            raise x.error(f"Failed to load task class {class_name}: {refusal}")
        try:
            made = load_class(class_name)()
        except PluginError as error:
            if class_name.startswith(JAVA_PREFIXES):
                raise x.error(
                    f"Java class {class_name} has no Python equivalent: name a class as package.module:Class"
                ) from error
            raise x.error(f"Failed to load task class {class_name}: {error}") from error
        except Exception as error:  # a user's constructor may fail in any way
            raise x.error(f"Failed to load task class {class_name}: {error!r}") from error
        if not callable(getattr(made, "execute", None)):
            raise x.error(f"Failed to load task class {class_name}: it has no method execute()")
        for entry in properties.values():
            _set(made, entry)
        return cls(task, made)

    async def start(self, engine: "Engine") -> None:
        """Call `init(engine)` if the class has it."""
        self._engine = engine
        if callable(init := getattr(self._instance, "init", None)):
            await _call(init, engine, engine)

    @property
    def prepare(self) -> Callable[[], Awaitable[None]] | None:
        """See TaskWork: the method `start` of the class, if it has one."""
        return self._prepare if callable(getattr(self._instance, "start", None)) else None

    async def _prepare(self) -> None:
        if (engine := self._engine) is not None:
            await _call(self._instance.start, engine)

    async def run(self, fire: Fire) -> None:
        """Call `execute`; whatever it raises is the failure of this fire."""
        if self._engine is None:
            raise BodyFailed("The task was taken back before this run began")
        is_coroutine = inspect.iscoroutinefunction(self._instance.execute)
        try:
            await _call(self._instance.execute if is_coroutine else self._execute, self._engine)
        except Exception as error:
            log.debug("Task [{task}] failed", task=self._task, exc_info=error)  # for the author of the class
            raise BodyFailed(str(error) or type(error).__name__) from error

    async def stop(self) -> None:
        """Call `destroy()` if the class has it and was started."""
        engine, self._engine = self._engine, None
        if engine is not None and callable(destroy := getattr(self._instance, "destroy", None)):
            await _call(destroy, engine)

    def _execute(self) -> None:
        """Run in a thread, which cancellation does not end: then the next run must not begin beside it."""
        if not self._running.acquire(blocking=False):
            raise BodyFailed("The run before was cancelled and has not ended yet")
        try:
            self._instance.execute()
        finally:
            self._running.release()


async def _call(method: Callable[..., object], engine: "Engine", *arguments: object) -> None:
    if inspect.iscoroutinefunction(method):
        await method(*arguments)
    else:
        await engine.in_thread(lambda: method(*arguments))


def _refusal(class_name: str, terms: Terms) -> str:
    """Say why a class may not be loaded; an empty text permits it. Nothing is imported to find out."""
    module = class_name.partition(":")[0]
    package = module.partition(".")[0]
    if terms.class_packages:
        is_listed = any(module == name or module.startswith(f"{name}.") for name in terms.class_packages)
        return "" if is_listed else f"'{module}' is not listed in [mediation] class_packages"
    if terms.class_folder is None or class_name.startswith(JAVA_PREFIXES):
        return ""  # a Java name gets a message of its own
    try:
        found = find_spec(package)
    except (ImportError, ValueError):
        found = None
    if found is None:
        return f"there is no package '{package}' in {terms.class_folder.name}/"
    places = [found.origin, *(found.submodule_search_locations or ())]
    is_own = any(
        place and Path(place).resolve().is_relative_to(terms.class_folder.resolve()) for place in places
    )
    return (
        ""
        if is_own
        else f"'{package}' is not in {terms.class_folder.name}/ nor listed in [mediation] class_packages"
    )


def _set(instance: Any, entry: TaskProperty) -> None:
    setter = getattr(instance, f"set_{entry.name}", None)
    if not callable(setter) and not hasattr(instance, entry.name):
        entry.reader.report(
            f"{type(instance).__name__} has neither set_{entry.name}(value) nor an attribute for it"
        )
        return
    try:
        value = _converted(entry, _wanted_type(instance, entry.name, setter))
        if callable(setter):
            setter(value)
        else:
            setattr(instance, entry.name, value)
    except Exception as error:  # a user's setter may fail in any way
        entry.reader.report(f"property '{entry.name}' of {type(instance).__name__}: {error}")


def _wanted_type(instance: Any, name: str, setter: object) -> object:
    """Return the annotated type of a setter's argument or of an attribute, else that of the attribute's value."""
    if callable(setter):
        parameters = list(inspect.signature(setter).parameters)
        return get_type_hints(setter).get(parameters[0]) if parameters else None
    return get_type_hints(type(instance)).get(name) or type(getattr(instance, name))


def _converted(entry: TaskProperty, wanted: object) -> object:
    if entry.element is not None:
        return entry.element
    return CONVERSIONS.get(wanted, str)(entry.text)
