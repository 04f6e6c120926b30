"""Sequences and endpoints that stand in the registry: found by the key of the resource, read anew when it changes."""

from pathlib import Path

from lxml import etree

from micro_integrator.kit import MicroIntegratorError, XmlError, parse
from micro_integrator.synapse.artifact import Artifact, load
from micro_integrator.synapse.artifacts.sequence import Sequence
from micro_integrator.synapse.endpoints.endpoint import Endpoint, endpoint_of
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.mediator import Branch
from micro_integrator.synapse.ports import Registry
from micro_integrator.synapse.reading import Terms

KEPT = 200
"""Resources that are kept as artifacts."""


class Shared:
    """Artifacts out of the registry. What is known of the health of an endpoint lives as long as its resource."""

    def __init__(self, registry: Registry) -> None:
        self.terms = Terms()
        """The terms they are read on."""
        self._registry = registry
        self._known: dict[str, tuple[bytes, Artifact | str]] = {}
        """Key → content, and the artifact in it or what is wrong with it."""

    def branch(self, key: str) -> Branch | None:
        """Return the mediators of a sequence, None when there is none. Raises MediationError for a broken one."""
        found = self._artifact(key)
        return found.branch if isinstance(found, Sequence) else None

    def endpoint(self, key: str) -> Endpoint | None:
        """Return an endpoint, None when there is none. Raises MediationError for a broken one."""
        return endpoint_of(self._artifact(key))

    def _artifact(self, key: str) -> Artifact | None:
        content = self._content(key)
        if content is None:
            self._known.pop(key, None)
            return None
        held = self._known.get(key)
        if held is None or held[0] != content:
            if held is None and len(self._known) >= KEPT:
                del self._known[next(iter(self._known))]
            held = self._known[key] = content, _read(content, key, self.terms)
        if isinstance(held[1], str):
            raise MediationError(f"The registry resource {key} cannot be used: {held[1]}")
        return held[1]

    def _content(self, key: str) -> bytes | None:
        try:
            return self._registry.read(key)
        except MicroIntegratorError:  # no key of the registry at all
            return None


def _read(content: bytes, key: str, terms: Terms) -> Artifact | str:
    """Return the one artifact in `content`, or why there is none. Without a name it is called by its key."""
    try:
        root = parse(content)
    except XmlError as error:
        return f"{error.reason} at line {error.line}"
    if root.get("name") is None:
        root.set("name", key)
    loaded = load(etree.tostring(root), Path(key), terms)
    if loaded.errors:
        return "; ".join(error.message for error in loaded.errors)
    if len(loaded.artifacts) != 1:
        return f"{len(loaded.artifacts)} artifacts instead of one"
    return loaded.artifacts[0]
