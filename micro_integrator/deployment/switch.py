"""Bringing a set of artifacts into force: the graph is swapped at once, then what left ends and what came begins."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from micro_integrator.deployment import announcements
from micro_integrator.deployment.decision import Name
from micro_integrator.deployment.order import activation_rank
from micro_integrator.deployment.resource_store import is_resource
from micro_integrator.synapse import Artifact, Engine, Reference

Artifacts = Mapping[Name, Artifact]


class Switch:
    """Knows which artifacts are in the engine's graph, and which of them have begun to work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._active: dict[Name, Artifact] = {}
        self._in_graph: dict[Name, Artifact] = {}
        self._dangling: set[Reference] = set()

    def swap(self, target: Artifacts) -> None:
        """Make new messages see `target`, and only that; messages under way go on with what they began with."""
        remove = [old for name, old in self._in_graph.items() if target.get(name) is not old]
        add = [new for name, new in target.items() if self._in_graph.get(name) is not new]
        self._engine.graph = self._engine.graph.changed(add=add, remove=remove)
        self._in_graph = dict(target)
        self._warn_of_dangling()

    async def activate(self, target: Artifacts) -> dict[Name, Exception]:
        """End what is not in `target`, begin what is new in it; returns what could not begin, and why.

        What could not begin is not at work afterwards, and neither is what it was to replace: the caller decides.
        """
        for name in self._leaving(target):
            await self._end(name)
        failed: dict[Name, Exception] = {}
        for name in self._arriving(target):
            try:
                await self._begin(name, target[name])
            except Exception as error:  # a user's class may fail in any way
                await self._give_up(name, target[name])
                failed[name] = error
        return failed

    def _leaving(self, target: Artifacts) -> Sequence[Name]:
        gone = [name for name in self._active if name not in target]
        return sorted(gone, key=lambda name: activation_rank(self._active[name].kind), reverse=True)

    def _arriving(self, target: Artifacts) -> Sequence[Name]:
        new = [name for name, artifact in target.items() if self._active.get(name) is not artifact]
        return sorted(new, key=lambda name: activation_rank(target[name].kind))

    async def _begin(self, name: Name, artifact: Artifact) -> None:
        former = self._active.get(name)
        if former is not None and former.kind == artifact.kind:
            await artifact.replace(former, self._engine)
            announcements.updated(artifact)
        else:
            if former is not None:  # a sequence that becomes an endpoint, for example
                await self._end(name)
            await artifact.activate(self._engine)
            announcements.deployed(artifact)
        self._active[name] = artifact

    async def _give_up(self, name: Name, artifact: Artifact) -> None:
        """End `artifact`, and what it was to replace: nobody knows how far a failed start got."""
        former = self._active.pop(name, None)
        for one in (artifact, former):
            if one is not None:
                with suppress(Exception):
                    await one.deactivate(self._engine)

    async def _end(self, name: Name) -> None:
        artifact = self._active.pop(name)
        try:
            await artifact.deactivate(self._engine)
        except Exception as error:  # what cannot be ended in order must still be forgotten
            announcements.ended_badly(artifact, error)
        announcements.undeployed(artifact)

    def _warn_of_dangling(self) -> None:
        registry = self._engine.surroundings.registry
        dangling = set(self._engine.graph.unresolved(lambda key: is_resource(registry, key)))
        for reference in sorted(dangling - self._dangling, key=lambda found: (str(found.source), found.key)):
            announcements.dangling(reference)
        self._dangling = dangling
