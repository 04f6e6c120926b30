"""One pass after the other: what changed is loaded, decided, swapped into force, and told.

    watcher    what changed                       intake      what is taken of it, and what is wrong with the rest
    switch     swap the graph, end and begin      catalogue   what is in force now

A file is taken whole or not at all; an update that fails leaves the last good version in force.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping

from micro_integrator.config import Settings
from micro_integrator.deployment import announcements
from micro_integrator.deployment.catalogue import Application, Catalogue, Version, name_of
from micro_integrator.deployment.decision import Name
from micro_integrator.deployment.intake import Intake, Verdict
from micro_integrator.deployment.listing import Form
from micro_integrator.deployment.loader import Loader
from micro_integrator.deployment.problem import Faulty, Problem
from micro_integrator.deployment.resource_store import ResourceStore
from micro_integrator.deployment.switch import Switch
from micro_integrator.deployment.tally import Tally
from micro_integrator.deployment.terms import folders_of, terms_of
from micro_integrator.deployment.watcher import PATIENCE, Candidate, Changes, Watcher
from micro_integrator.kit import Clock, Component, SystemClock
from micro_integrator.observability import get_logger
from micro_integrator.registry import Registry
from micro_integrator.synapse import Artifact, Engine

log = get_logger("Deployment")

AfterPass = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    """Follow a pass with nothing."""


class Deployment(Component):
    """Keeps the engine's graph as the folders of the home say.

    `start` loads and checks everything; `activate` lets it begin to work and, with hot deployment, looks for changes
    from then on. `after_pass` is awaited after `activate` and after every later pass that changed something.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        registry: Registry,
        *,
        after_pass: AfterPass = _nothing,
        environ: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
    ) -> None:
        super().__init__("deployment")
        self._server, self._after_pass, self._clock = settings.server, after_pass, clock or SystemClock()
        self.catalogue = Catalogue()
        is_hot, folders = settings.server.hot_deployment, folders_of(settings)
        self._watcher = Watcher(
            folders,
            # without a second look there is nothing to wait for
            settle=settings.server.deployment_settle_time if is_hot else 0,
            patience=PATIENCE if is_hot else 0,
            now=self._clock.now,
        )
        loader = Loader(settings, terms_of(settings, environ), [folder.path for folder in folders], environ)
        self._shown = loader.shown
        engine.shared.terms = loader.terms()
        self._intake = Intake(loader, self.catalogue, self._watcher, preferred=folders[-1].path)
        self._switch, self._store, self._tally = Switch(engine), ResourceStore(registry), Tally()
        self._is_active, self._is_draining, self._loaded_at = False, False, 0.0
        self.is_first_pass_done = False
        """Whether everything found at the start has been loaded."""

    @property
    def faulty(self) -> list[Application]:
        """The files whose newest content is not in force."""
        return self.catalogue.faulty()

    async def start(self) -> None:
        """Load and check everything; the engine knows the artifacts, none has begun to work."""
        await self.run_pass()
        self.is_first_pass_done = True
        self._loaded_at = self._clock.now()

    async def activate(self) -> None:
        """Let everything loaded begin to work, in order; then look for changes, if that is wanted."""
        await self.begin()
        if self._server.hot_deployment:
            self.spawn(self._look_for_changes(), "hot deployment")

    async def begin(self) -> None:
        """Let everything loaded begin to work, in order."""
        self._is_active = True
        self._tally.began += self._clock.now() - self._loaded_at  # the wait for other rooms is not ours
        await self._begin_new({})

    def drain(self) -> None:
        """Look for no further changes; a pass under way comes to its end."""
        self._is_draining = True

    async def run_pass(self) -> None:
        """Look once, and bring into force what changed."""
        began = self._clock.now()
        changes = await asyncio.to_thread(self._watcher.look)
        if not changes:
            return
        self._tally = Tally(began)
        former = {one.path: one.current for one in self.catalogue if one.current is not None}
        candidates = [*self._remove(changes), *changes.candidates]
        shown = [(candidate.path, self._shown(candidate.path)) for candidate in candidates]
        with self.catalogue.reading(shown):
            is_first = not self.is_first_pass_done
            await self._apply(
                await self._intake.judge(candidates, changes.overdue, is_first=is_first), former
            )
        self._switch.swap(self._target())
        if self._is_active:
            await self._begin_new(former)

    async def _look_for_changes(self) -> None:
        while True:
            await self._clock.sleep(self._server.deployment_update_interval)
            if self._is_draining:
                return
            try:
                await self.run_pass()
            except Exception as error:  # a full disk, a share that hangs: the next pass may do better
                announcements.cycle_failed(error)

    def _remove(self, changes: Changes) -> list[Candidate]:
        """Forget what is gone; returns renamed files that must be read again."""
        gone, again = list(changes.removed), []
        for path, candidate in changes.renamed:
            if self.catalogue.rename(path, candidate, self._shown(candidate.path)):
                self._watcher.accept(candidate)
                log.info("[{old}] is now [{new}]", old=self._shown(path), new=self._shown(candidate.path))
            else:
                gone.append(path)
                again.append(candidate)
        known = (self.catalogue.remove(path) for path in gone)
        self._tally.removed += [application for application in known if application is not None]
        return again

    async def _apply(self, verdict: Verdict, former: Mapping[str, Version]) -> None:
        for version in verdict.taken:
            application = self.catalogue.known(version.path, self._shown(version.path))
            try:
                if version.package.resources:
                    await asyncio.to_thread(self._store.add, version.package.resources, application.shown)
            except Faulty as error:
                self._refuse(application, version.candidate, error)
            else:
                application.take(version)
                self._tally.took(version, is_update=version.path in former)
        for path, (candidate, fault) in verdict.refused.items():
            self._refuse(self.catalogue.known(path, self._shown(path)), candidate, fault)

    def _refuse(self, application: Application, candidate: Candidate | None, fault: Faulty) -> None:
        if application.refuse(fault, candidate):
            self._tally.refused += 1
            is_application = candidate is not None and candidate.form is not Form.FILE
            announcements.refused(application, fault, is_application=is_application)

    def _target(self) -> dict[Name, Artifact]:
        versions = self.catalogue.in_force()
        return {name_of(artifact): artifact for version in versions for artifact in version.artifacts}

    def _occupied(self) -> set[Name]:
        return {name for version in self.catalogue.in_force() for name in version.claim.names}

    async def _begin_new(self, former: Mapping[str, Version]) -> None:
        """Let what is in the graph begin; a file of which something cannot is undone, its former version returns."""
        returning = dict(former)
        while failed := await self._switch.activate(self._target()):
            for application in list(self.catalogue):
                if fault := _fault(application, failed):
                    self._undo(application, fault, returning.pop(application.path, None))
            self._switch.swap(self._target())
        versions = self.catalogue.in_force()
        resources = [resource for version in versions for resource in version.package.resources]
        await asyncio.to_thread(self._store.keep_only, resources)
        await self._after_pass()
        self._tally.tell(self._clock.now(), active=len(versions), faulty=len(self.faulty))

    def _undo(self, application: Application, fault: Faulty, former: Version | None) -> None:
        failed, application.current = application.current, None
        self._tally.undid(application.path)
        if former is not None and former is not failed and not self._occupied() & set(former.claim.names):
            application.current = former
        self._refuse(application, application.newest, fault)


def _fault(application: Application, failed: Mapping[Name, Exception]) -> Faulty | None:
    artifacts = application.current.artifacts if application.current is not None else ()
    problems = [
        Problem(
            str(one.origin.source.path), f"cannot begin: {error}", one.origin.source.line, artifact=one.name
        )
        for one in artifacts
        if (error := failed.get(name_of(one))) is not None
    ]
    return Faulty(problems) if problems else None
