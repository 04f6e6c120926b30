"""What is in force, from which file, and what is wrong with the rest."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

from micro_integrator.deployment.decision import Claim, Name
from micro_integrator.deployment.package import Package
from micro_integrator.deployment.problem import Faulty, Problem
from micro_integrator.deployment.watcher import Candidate
from micro_integrator.kit import wall_ms
from micro_integrator.synapse import Artifact, Notice


class State(StrEnum):
    """The life of one file. ACTIVE with a fault: the last good version works, the newest one does not."""

    NEW = "NEW"
    LOADING = "LOADING"
    ACTIVE = "ACTIVE"
    FAULTY = "FAULTY"
    UPDATING = "UPDATING"


@dataclass(frozen=True)
class Version:
    """The content of a file at one time, understood."""

    candidate: Candidate
    package: Package
    artifacts: tuple[Artifact, ...]
    notices: tuple[Notice, ...] = ()
    read_ms: int = field(default_factory=wall_ms, compare=False)
    """When that was, milliseconds since 1970."""

    @property
    def path(self) -> str:
        """The file it was read from."""
        return self.candidate.path

    @property
    def claim(self) -> Claim:
        """What this content occupies and needs."""
        names = [Name(*occupied) for artifact in self.artifacts for occupied in artifact.occupied]
        if self.package.is_application:
            names.insert(0, Name("application", self.package.label))
        return Claim(self.path, tuple(names), self.package.id, self.package.needs)


@dataclass
class Application:
    """One file or directory: the version in force, and why a newer one could not replace it."""

    path: str
    shown: str
    current: Version | None = None
    fault: Faulty | None = None
    newest: Candidate | None = None
    is_being_read: bool = False

    @property
    def state(self) -> State:
        """What management shows."""
        if self.is_being_read:
            return State.LOADING if self.current is None else State.UPDATING
        if self.current is not None:
            return State.ACTIVE
        return State.NEW if self.fault is None else State.FAULTY

    def take(self, version: Version) -> None:
        """Put `version` in force."""
        self.current, self.newest, self.fault = version, version.candidate, None

    def refuse(self, fault: Faulty, newest: Candidate | None) -> bool:
        """Keep the version in force and remember the fault of the newest; returns whether the fault is news."""
        is_news = self.fault is None or self.fault.problems != fault.problems
        self.fault, self.newest = fault, newest
        return is_news


class Catalogue:
    """Every deployed or faulty file by its path."""

    def __init__(self) -> None:
        self._applications: dict[str, Application] = {}

    def __iter__(self) -> Iterator[Application]:
        return iter(self._applications.values())

    def known(self, path: str, shown: str) -> Application:
        """Return the application of `path`, a new one when it is unknown."""
        return self._applications.setdefault(path, Application(path, shown))

    def remove(self, path: str) -> Application | None:
        """Forget `path`; returns what was known of it."""
        return self._applications.pop(path, None)

    def rename(self, path: str, candidate: Candidate, shown: str) -> bool:
        """Let the version in force of `path` go on under its new name; returns False when there is more to do."""
        application = self._applications.get(path)
        if application is None or application.current is None or application.fault is not None:
            return False
        del self._applications[path]
        self.known(candidate.path, shown).take(replace(application.current, candidate=candidate))
        return True

    @contextmanager
    def reading(self, files: Iterable[tuple[str, str]]) -> Iterator[None]:
        """Show `files` (path and shown name) as being read; what nothing became of is forgotten again."""
        applications = [self.known(path, shown) for path, shown in files]
        for application in applications:
            application.is_being_read = True
        try:
            yield
        finally:
            for application in applications:
                application.is_being_read = False
                if application.current is None and application.fault is None:
                    self.remove(application.path)

    def in_force(self) -> list[Version]:
        """Return the versions that work now, in the order their files arrived."""
        return [application.current for application in self if application.current is not None]

    def faulty(self) -> list[Application]:
        """Return the files whose newest content is not in force, by path."""
        return sorted((one for one in self if one.fault is not None), key=lambda one: one.path)

    def problems(self) -> list[Problem]:
        """Return every problem of every faulty file."""
        return [problem for one in self.faulty() if one.fault is not None for problem in one.fault.problems]

    def may_heal(self) -> list[Candidate]:
        """Return the content that only other files keep from being deployed."""
        return [
            one.newest for one in self.faulty() if one.fault and one.fault.may_heal and one.newest is not None
        ]


def name_of(artifact: Artifact) -> Name:
    """Return the name that `artifact` occupies."""
    return Name(artifact.space, artifact.name)
