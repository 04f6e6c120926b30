"""From a settled candidate to a version that can be deployed: opened within limits, read by the engine's grammar."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from micro_integrator.config import Settings, read_properties
from micro_integrator.deployment.archive import read_application
from micro_integrator.deployment.catalogue import Version
from micro_integrator.deployment.listing import Form, is_plain
from micro_integrator.deployment.loose import read_loose
from micro_integrator.deployment.members import open_archive, open_folder
from micro_integrator.deployment.package import Package, Part
from micro_integrator.deployment.problem import Faulty, Problem
from micro_integrator.deployment.values import Values
from micro_integrator.deployment.watcher import Candidate
from micro_integrator.kit import shown_path
from micro_integrator.observability import get_logger
from micro_integrator.synapse import Artifact, DeploymentError, Notice, Terms, collisions, load

log = get_logger("Deployment")


class Loader:
    """Reads candidates of one home; blocks on files, so it is called in a thread."""

    def __init__(
        self, settings: Settings, terms: Terms, roots: Sequence[str], environ: Mapping[str, str]
    ) -> None:
        self._settings, self._terms, self._roots, self._environ = settings, terms, roots, environ

    def terms(self) -> Terms:
        """Return the terms on which is read what belongs to no application."""
        return replace(self._terms, resolve=self._values().resolve)

    def shown(self, path: str) -> str:
        """Return how messages call the file `path`."""
        return self._settings.home.shown(Path(path))

    def load_all(self, candidates: Sequence[Candidate]) -> list[tuple[Candidate, Version | Faulty]]:
        """Return each candidate with its content understood, or with everything that is wrong with it."""
        values = self._values()
        return [(candidate, self._outcome(candidate, values)) for candidate in candidates]

    def _values(self) -> Values:
        home = self._settings.home
        return Values(self._environ, self._settings.properties, read_properties(home.file_properties))

    def _outcome(self, candidate: Candidate, values: Values) -> Version | Faulty:
        try:
            return self._version(candidate, values)
        except Faulty as fault:
            return fault
        except Exception as error:  # one file, however strange, must not keep the others from being deployed
            log.debug("[{path}] cannot be read", path=candidate.path, exc_info=error)
            return Faulty.at(self.shown(candidate.path), f"unexpected {type(error).__name__}: {error}")

    def _version(self, candidate: Candidate, values: Values) -> Version:
        package = self._package(candidate)
        terms = replace(self._terms, resolve=values.declaring(package.declared).resolve)
        artifacts: list[Artifact] = []
        notices: list[Notice] = []
        problems: list[Problem] = []
        for part in package.parts:
            loaded = load(part.content, Path(part.shown), terms)
            artifacts += loaded.artifacts
            notices += loaded.notices
            problems += (_problem(error, part) for error in loaded.errors)
        problems += (
            Problem(str(error.path), error.message, error.line, artifact=late.name)
            for late, error in collisions(artifacts)
        )
        if problems:
            raise Faulty(problems)
        return Version(candidate, package, tuple(artifacts), tuple(notices))

    def _package(self, candidate: Candidate) -> Package:
        path, shown = Path(candidate.path), self.shown(candidate.path)
        if candidate.form is not Form.FOLDER and not is_plain(candidate.stamp):
            raise Faulty.at(shown, "is no plain file but a pipe, a socket or a device")
        server = self._settings.server
        roles, max_xml = server.roles, server.artifact_max_xml
        match candidate.form:
            case Form.ARCHIVE:
                with open_archive(path, shown, server) as members:
                    return read_application(members, roles, max_xml)
            case Form.FOLDER:
                return read_application(open_folder(path, shown, server), roles, max_xml)
            case Form.FILE:
                return read_loose(path, shown, self._group(path), max_xml)

    def _group(self, path: Path) -> str:
        folders = (path.parent.relative_to(root) for root in self._roots if path.is_relative_to(root))
        return next((shown_path(folder.as_posix()) for folder in folders if folder.parts), "")


def _problem(error: DeploymentError, part: Part) -> Problem:
    return Problem(part.shown, error.message, error.line, error.column, artifact=part.artifact)
