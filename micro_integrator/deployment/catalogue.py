"""What is in force, from which file, and what is wrong with the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from micro_integrator.deployment.decision import Claim, Name, name_of
from micro_integrator.deployment.package import Package
from micro_integrator.deployment.problem import Faulty, Problem
from micro_integrator.deployment.watcher import Candidate
from micro_integrator.synapse import Artifact


class State(StrEnum):
    """The life of one file. ACTIVE with a fault: the last good version works, the newest one does not."""

    NEW = "NEW"
    LOADING = "LOADING"
    ACTIVE = "ACTIVE"
    FAULTY = "FAULTY"
    UPDATING = "UPDATING"


@dataclass(frozen=True)
class Loaded:
    """The content of a candidate, understood."""

    candidate: Candidate
    package: Package
    artifacts: tuple[Artifact, ...]

    @property
    def path(self) -> str:
        return self.candidate.path

    @property
    def claim(self) -> Claim:
        """What this content occupies and needs."""
        names = [name_of(artifact.kind, artifact.name) for artifact in self.artifacts]
        if self.package.is_application:
            names.append(Name("application", self.package.label))
        return Claim(self.path, tuple(names), self.package.id, self.package.needs)


@dataclass
class Application:
    """One file or directory: the version in force, and the fault of a newer one that could not replace it."""

    path: str
    shown: str
    state: State = State.NEW
    current: Loaded | None = None
    fault: Faulty | None = None
    newest: Candidate | None = None

    def has(self, loaded: Loaded) -> None:
        """Put `loaded` in force."""
        self.current, self.newest, self.fault, self.state = loaded, loaded.candidate, None, State.ACTIVE

    def failed(self, fault: Faulty, candidate: Candidate | None) -> bool:
        """Remember why the newest content is not in force; returns whether this is news."""
        is_news = self.fault is None or self.fault.problems != fault.problems
        self.fault, self.newest = fault, candidate
        self.state = State.ACTIVE if self.current is not None else State.FAULTY
        return is_news


class Catalogue:
    """Every deployed or faulty file by its path."""

    def __init__(self) -> None:
        self._applications: dict[str, Application] = {}

    def __iter__(self) -> Iterator[Application]:
        return iter(self._applications.values())

    def __getitem__(self, path: str) -> Application:
        return self._applications[path]

    def __contains__(self, path: str) -> bool:
        return path in self._applications

    def known(self, path: str, shown: str) -> Application:
        """Return the application of `path`, a new one when it is unknown."""
        return self._applications.setdefault(path, Application(path, shown))

    def remove(self, path: str) -> Application | None:
        """Forget `path`; returns what it was."""
        return self._applications.pop(path, None)

    def in_force(self) -> list[Loaded]:
        """Return the content that works now, in the order it arrived."""
        return [application.current for application in self if application.current is not None]

    def artifacts(self) -> dict[Name, tuple[Artifact, Application]]:
        """Return every artifact in force by the name it occupies."""
        return {
            name_of(artifact.kind, artifact.name): (artifact, application)
            for application in self
            if application.current is not None
            for artifact in application.current.artifacts
        }

    def faulty(self) -> list[Application]:
        """Return the files whose newest content is not in force, by path."""
        return sorted((one for one in self if one.fault is not None), key=lambda one: one.path)

    def problems(self) -> list[Problem]:
        """Return every problem of every faulty file."""
        return [problem for one in self.faulty() if one.fault is not None for problem in one.fault.problems]

    def may_heal(self) -> list[Candidate]:
        """Return the content that other files keep from being deployed."""
        return [
            application.newest
            for application in self
            if application.fault is not None and application.fault.may_heal and application.newest is not None
        ]


def claims(loaded: Iterable[Loaded]) -> list[Claim]:
    """Return the claim of each."""
    return [one.claim for one in loaded]
