"""Keeps the registry as the applications in force want it: a resource leaves with the last one that brought it."""

from collections.abc import Iterable, Iterator

from micro_integrator.deployment.package import Resource
from micro_integrator.deployment.problem import Faulty
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import get_logger
from micro_integrator.registry import Registry, RegistryError
from micro_integrator.synapse import Registry as ReadableRegistry

log = get_logger("Deployment")


class ResourceStore:
    """Writes and removes the files of applications; files that others put into the registry are left alone."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._written: dict[str, bytes] = {}

    def add(self, resources: Iterable[Resource], shown: str) -> None:
        """Write `resources` of the application called `shown`. Raises Faulty when one cannot be written."""
        for key, content in _files(resources):
            try:
                self._settle(key, content)
            except (RegistryError, OSError) as error:
                reason = f"registry resource {key} cannot be written: {error}"
                raise Faulty.at(shown, reason) from error

    def keep_only(self, resources: Iterable[Resource]) -> None:
        """Let the registry hold `resources`, of one key the last, and nothing else that was written here."""
        wanted = dict(_files(resources))
        for key in sorted(self._written.keys() | wanted.keys()):
            try:
                self._settle(key, wanted.get(key))
            except (
                RegistryError,
                OSError,
            ) as error:  # the applications are in force; the next pass tries again
                log.warning(
                    "Registry resource {key} is not as it should be: {error}", key=key, error=str(error)
                )

    def _settle(self, key: str, content: bytes | None) -> None:
        if self._written.get(key) == content:
            return
        if content is None:
            self._registry.remove(key)
            del self._written[key]
        else:
            self._registry.write(key, content)
            self._written[key] = content


def is_resource(registry: ReadableRegistry, key: str) -> bool:
    """Return whether `key` leads to a resource; what is no key of a registry does not."""
    try:
        return registry.read(key) is not None
    except MicroIntegratorError:
        return False


def _files(resources: Iterable[Resource]) -> Iterator[tuple[str, bytes]]:
    for resource in resources:
        yield resource.key, resource.content
        if resource.properties:
            lines = (f"{name}={value}\n" for name, value in sorted(resource.properties.items()))
            yield f"{resource.key}.properties", "".join(lines).encode()
