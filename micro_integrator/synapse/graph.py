"""The deployed set: immutable, so that a message sees one state from its beginning to its end."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from micro_integrator.synapse.apis.routes import Routes
from micro_integrator.synapse.artifact import ENTRIES, Artifact, collisions
from micro_integrator.synapse.artifacts.api import Api
from micro_integrator.synapse.artifacts.local_entry import LocalEntry
from micro_integrator.synapse.artifacts.sequence import Sequence
from micro_integrator.synapse.flow import FaultHandler
from micro_integrator.synapse.mediator import Branch
from micro_integrator.synapse.reading import Reference
from micro_integrator.synapse.shipped import shipped_branches

DEFAULT_FAULT = "fault"
PRE_MEDIATE = "pre-mediate"
"""A sequence of this name runs before every message; its False keeps the message out."""

Key = tuple[str, str]
"""Name space and name."""


class Graph:
    """All artifacts in force, by name; a change makes a new graph."""

    def __init__(self, artifacts: Mapping[Key, Artifact] = MappingProxyType({})) -> None:
        self._artifacts = artifacts
        self._branches = {
            **shipped_branches(),
            **{found.name: found.branch for found in artifacts.values() if isinstance(found, Sequence)},
        }

        fault = self._branches.get(DEFAULT_FAULT)
        self.last_resort = None if fault is None else FaultHandler(fault, None, is_default=True)
        """What every message falls back on when nothing else handles its fault."""
        self.has_pre_mediate = PRE_MEDIATE in self._branches

    @cached_property
    def routes(self) -> Routes:
        """Where requests find their API; made when the first one comes, for a set may be one of many in a row."""
        return Routes(found for found in self._artifacts.values() if isinstance(found, Api))

    def __iter__(self) -> Iterator[Artifact]:
        return iter(self._artifacts.values())

    def find(self, space: str, name: str) -> Artifact | None:
        """Return the artifact called `name` in a name space."""
        return self._artifacts.get((space, name))

    def changed(self, *, add: Iterable[Artifact] = (), remove: Iterable[Artifact] = ()) -> "Graph":
        """Return this graph without `remove` and with `add`. Raises DeploymentError for what is occupied already."""
        artifacts = dict(self._artifacts)
        for old in remove:
            artifacts.pop(_key(old), None)
        newcomers = list(add)
        for _, error in collisions([*artifacts.values(), *newcomers]):
            raise error
        artifacts.update((_key(new), new) for new in newcomers)
        return Graph(artifacts)

    def branch(self, key: str) -> Branch | None:
        """Return the mediators of the sequence `key`: the deployed one, else the one that is shipped."""
        return self._branches.get(key)

    def entry(self, key: str) -> object:
        """Return the value of the local entry `key`, None when there is none."""
        found = self._artifacts.get((ENTRIES, key))
        return found.value if isinstance(found, LocalEntry) else None

    def unresolved(self, is_resource: Callable[[str], bool]) -> list[Reference]:
        """Return the references that lead nowhere; `is_resource` knows the keys of the registry."""
        return [
            reference
            for artifact in self._artifacts.values()
            for reference in artifact.origin.references
            if not self._leads_somewhere(reference) and not is_resource(reference.key)
        ]

    def _leads_somewhere(self, reference: Reference) -> bool:
        if reference.kind == "sequence":
            return reference.key in self._branches
        return (ENTRIES, reference.key) in self._artifacts


def _key(artifact: Artifact) -> Key:
    return artifact.space, artifact.name
