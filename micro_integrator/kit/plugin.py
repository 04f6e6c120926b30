"""Load a class that a user names as `package.module:Class`."""

import importlib
from typing import Any

from micro_integrator.kit.errors import MicroIntegratorError


class PluginError(MicroIntegratorError):
    """A named class cannot be used; the text says which part of the name is wrong."""


def load_class(name: str) -> type[Any]:
    """Return the class called `module:Class` (or `module.Class`). Raises PluginError with the reason."""
    module_name, separator, class_name = name.partition(":")
    if not separator:
        module_name, _, class_name = name.rpartition(".")
    if not module_name or not class_name:
        raise PluginError(f"'{name}' is not of the form package.module:Class")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a user's module may fail in any way while it is imported
        raise PluginError(f"module '{module_name}' cannot be imported: {error}") from error
    found = getattr(module, class_name, None)
    if not isinstance(found, type):
        raise PluginError(f"module '{module_name}' has no class '{class_name}'")
    return found
