"""Keeps the registry as the applications in force want it: a resource leaves with the last one that brought it."""

from collections.abc import Iterable

from micro_integrator.deployment.package import Resource
from micro_integrator.deployment.problem import Faulty
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.registry import Registry, RegistryError
from micro_integrator.synapse import Registry as ReadableRegistry


class ResourceStore:
    """Writes and removes the files of applications; files that others put into the registry are left alone."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._written: dict[str, bytes] = {}

    def add(self, resources: Iterable[Resource], shown: str) -> None:
        """Write `resources` of the application called `shown`. Raises Faulty when one cannot be written."""
        for resource in resources:
            try:
                self._write(resource.key, resource.content)
                if resource.properties:
                    self._write(f"{resource.key}.properties", _lines(resource))
            except (RegistryError, OSError) as error:
                reason = f"registry resource {resource.key} cannot be written: {error}"
                raise Faulty.at(shown, reason) from error

    def keep_only(self, resources: Iterable[Resource]) -> None:
        """Remove what was written here and is in none of `resources`."""
        wanted: set[str] = set()
        for resource in resources:
            wanted |= {resource.key, f"{resource.key}.properties"}
        for key in self._written.keys() - wanted:
            del self._written[key]
            self._registry.path_of(key).unlink(missing_ok=True)

    def _write(self, key: str, content: bytes) -> None:
        if self._written.get(key) != content:
            self._registry.write(key, content)
            self._written[key] = content


def is_resource(registry: ReadableRegistry, key: str) -> bool:
    """Return whether `key` leads to a resource; what is no key of a registry does not."""
    try:
        return registry.read(key) is not None
    except MicroIntegratorError:
        return False


def _lines(resource: Resource) -> bytes:
    return "".join(f"{name}={value}\n" for name, value in sorted(resource.properties.items())).encode()
