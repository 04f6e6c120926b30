"""From a settled candidate to understood artifacts: opened within limits, values filled in, read by the engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lxml.etree import _Element

from micro_integrator.config import Settings
from micro_integrator.deployment.archive import read_application
from micro_integrator.deployment.catalogue import Loaded
from micro_integrator.deployment.decision import Name, name_of
from micro_integrator.deployment.index import line_of
from micro_integrator.deployment.listing import Form
from micro_integrator.deployment.loose import read_loose
from micro_integrator.deployment.members import Limits, open_archive, open_folder
from micro_integrator.deployment.package import Package, Part
from micro_integrator.deployment.problem import Faulty, Problem
from micro_integrator.deployment.values import Values, read_properties
from micro_integrator.deployment.watcher import Candidate
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import get_logger
from micro_integrator.synapse import Artifact, DeploymentError

log = get_logger("Deployment")

ReadArtifacts = Callable[[_Element, str], Sequence[Artifact]]
"""Turns a root element, and the name of its file, into artifacts. Raises DeploymentError, several as a group."""


class Loader:
    """Reads candidates of one home; blocks on files, so it is called in a thread."""

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], roots: Sequence[str], read: ReadArtifacts
    ) -> None:
        server = settings.server
        self._settings, self._environ, self._roots, self._read = settings, environ, roots, read
        self._limits = Limits(
            server.archive_max_unpacked,
            server.archive_max_ratio,
            server.archive_max_members,
            server.artifact_max_xml,
        )

    def shown(self, path: str) -> str:
        """Return how messages call the file `path`."""
        return self._settings.home.shown(Path(path))

    def load_all(self, candidates: Sequence[Candidate]) -> list[tuple[Candidate, Loaded | Faulty]]:
        """Return each candidate with its content, or with what is wrong with it."""
        values = self._values()
        return [(candidate, self._outcome(candidate, values)) for candidate in candidates]

    def _outcome(self, candidate: Candidate, values: Values) -> Loaded | Faulty:
        try:
            return self._load(candidate, values)
        except Faulty as fault:
            return fault
        except (
            Exception
        ) as error:  # whatever happens to one file must not keep the others from being deployed
            log.error("[{path}] cannot be read", path=candidate.path, exc_info=error)
            return Faulty.at(self.shown(candidate.path), f"unexpected {type(error).__name__}: {error}")

    def _load(self, candidate: Candidate, values: Values) -> Loaded:
        package = self._package(candidate)
        values = values.declaring(package.declared)
        artifacts: list[Artifact] = []
        problems: list[Problem] = []
        for part in package.parts:
            with _collecting(problems, part):
                values.fill(part.root, part.shown)
                artifacts += self._read(part.root, part.shown)
        problems += _duplicates(artifacts)
        if problems:
            raise Faulty(problems)
        return Loaded(candidate, package, tuple(artifacts))

    def _package(self, candidate: Candidate) -> Package:
        path, shown = Path(candidate.path), self.shown(candidate.path)
        roles, max_xml = self._settings.server.roles, self._limits.artifact_max_xml
        match candidate.form:
            case Form.ARCHIVE:
                with open_archive(path, shown, self._limits) as members:
                    return read_application(members, roles, max_xml)
            case Form.FOLDER:
                return read_application(open_folder(path, shown, self._limits), roles, max_xml)
            case Form.FILE:
                return read_loose(path, shown, self._group(path), max_xml)

    def _group(self, path: Path) -> str:
        roots = (root for root in self._roots if path.is_relative_to(root))
        return next((str(path.parent.relative_to(root)) for root in roots), "").removeprefix(".")

    def _values(self) -> Values:
        home = self._settings.home
        return Values(self._environ, self._settings.properties, read_properties(home.file_properties))


@contextmanager
def _collecting(problems: list[Problem], part: Part) -> Iterator[None]:
    try:
        yield
    except Faulty as error:
        problems += error.problems
    except DeploymentError as error:
        problems.append(_problem(error, part))
    except ExceptionGroup as group:
        problems += [_problem(error, part) for error in group.exceptions]
    except MicroIntegratorError as error:
        problems.append(_problem(error, part))


def _problem(error: Exception, part: Part) -> Problem:
    if isinstance(error, DeploymentError):
        line = error.line or line_of(part.root)
        return Problem(part.shown, error.message, line, error.column, artifact=part.artifact)
    return Problem(part.shown, str(error), line_of(part.root), artifact=part.artifact)


def _duplicates(artifacts: Sequence[Artifact]) -> Iterator[Problem]:
    seen: dict[Name, Artifact] = {}
    for artifact in artifacts:
        first = seen.setdefault(name_of(artifact.kind, artifact.name), artifact)
        if first is not artifact:
            place = f"{first.source.path}:{first.source.line}"
            reason = f"{artifact.kind} '{artifact.name}' is a duplicate of {place}"
            yield Problem(str(artifact.source.path), reason, artifact.source.line, artifact=artifact.name)
