"""Classes of the user in definitions: found by `package.module:Class`, made once, set up with properties.

class="shop.audit:Audit"        made without arguments when the definition is read
<property name="n" value="v"/>  given to `set_n(v)`, or else to the attribute `n`, as the type it is annotated with
"""

import inspect
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from lxml import etree

from micro_integrator.kit import PluginError, load_class
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean
from micro_integrator.synapse.reading import Terms

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

JAVA_PREFIXES = ("org.", "com.", "net.", "java.")
CONVERSIONS: Mapping[object, Callable[[str], object]] = {int: int, float: float, bool: boolean, str: str}


def make(class_name: str, purpose: str, x: XmlReader) -> Any:
    """Return a new object of the user's class; `purpose` stands in messages, for example `task`.

    Raises DeploymentError when the class may not be used, cannot be found, or cannot be made.
    """
    failed = f"Failed to load {purpose} class {class_name}"
    if refusal := _refusal(class_name, x.terms):
        raise x.error(f"{failed}: {refusal}")
    try:
        return load_class(class_name)()
    except PluginError as error:
        if class_name.startswith(JAVA_PREFIXES):
            raise x.error(
                f"Java class {class_name} has no Python equivalent: name a class as package.module:Class"
            ) from error
        raise x.error(f"{failed}: {error}") from error
    except Exception as error:  # a user's constructor may fail in any way
        raise x.error(f"{failed}: {error!r}") from error


def set_property(instance: Any, name: str, value: str | etree._Element, x: XmlReader) -> None:
    """Give a property to the user's object; one that it does not know, or does not take, is reported to `x`."""
    setter = getattr(instance, f"set_{name}", None)
    if not callable(setter) and not hasattr(instance, name):
        x.report(f"{type(instance).__name__} has neither set_{name}(value) nor an attribute for it")
        return
    try:
        given = _converted(value, _wanted_type(instance, name, setter)) if isinstance(value, str) else value
        if callable(setter):
            setter(given)
        else:
            setattr(instance, name, given)
    except Exception as error:  # a user's setter may fail in any way
        x.report(f"property '{name}' of {type(instance).__name__}: {error}")


async def call(method: Callable[..., object], engine: "Engine", *arguments: object) -> object:
    """Call a method of the user: on the event loop when it is a coroutine, else in a thread."""
    if inspect.iscoroutinefunction(method):
        result: object = await method(*arguments)
        return result
    return await engine.in_thread(lambda: method(*arguments))


async def call_if_there(instance: Any, name: str, engine: "Engine", *arguments: object) -> None:
    """Call the method `name` of the user's object, if it has one."""
    if callable(method := getattr(instance, name, None)):
        await call(method, engine, *arguments)


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


def _wanted_type(instance: Any, name: str, setter: object) -> object:
    """Return the annotated type of a setter's argument or of an attribute, else that of the attribute's value."""
    if callable(setter):
        parameters = list(inspect.signature(setter).parameters)
        return get_type_hints(setter).get(parameters[0]) if parameters else None
    return get_type_hints(type(instance)).get(name) or type(getattr(instance, name))


def _converted(text: str, wanted: object) -> object:
    return CONVERSIONS.get(wanted, str)(text)
