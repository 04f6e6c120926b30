"""Which of several arriving files comes first: updates, then loose files, then applications by what they need."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path

from micro_integrator.deployment.catalogue import Version, name_of
from micro_integrator.deployment.decision import Name
from micro_integrator.deployment.order import in_dependency_order


def in_order(versions: Sequence[Version], known: Set[str], preferred: str) -> tuple[list[Version], list[str]]:
    """Return `versions` in order of precedence, and the paths of applications that need each other in a circle.

    `known` are paths that have a version in force (updates); files below the folder `preferred` beat other files.
    """
    loose = [version for version in versions if not version.package.is_application]
    loose.sort(key=lambda version: (not Path(version.path).is_relative_to(preferred), version.path))
    applications, in_circle = _by_need([version for version in versions if version.package.is_application])
    ordered = [*loose, *applications]
    return sorted(ordered, key=lambda version: version.path not in known), in_circle


def without_shadowed(versions: Iterable[Version]) -> list[Version]:
    """Return `versions` of one start, the applications without artifacts whose names a loose file has."""
    versions = list(versions)
    loose = {
        name_of(artifact): artifact.origin.source.path
        for version in versions
        if not version.package.is_application
        for artifact in version.artifacts
    }
    return [
        _unshadowed(version, loose) if version.package.is_application else version for version in versions
    ]


def _unshadowed(version: Version, loose: Mapping[Name, Path]) -> Version:
    shadowed = [artifact for artifact in version.artifacts if name_of(artifact) in loose]
    notes = tuple(
        f"{artifact.kind} '{artifact.name}' already found in {loose[name_of(artifact)]}. Ignoring CAPP's artifact"
        for artifact in shadowed
    )
    package = replace(version.package, notes=version.package.notes + notes)
    artifacts = tuple(artifact for artifact in version.artifacts if artifact not in shadowed)
    return replace(version, package=package, artifacts=artifacts)


def _by_need(applications: Sequence[Version]) -> tuple[list[Version], list[str]]:
    by_path = {version.path: version for version in applications}
    providers = {version.package.id: version.path for version in applications if version.package.id}
    needs = {
        path: {providers[one] for one in version.package.needs if one in providers}
        for path, version in by_path.items()
    }
    ordered, in_circle = in_dependency_order(needs)
    return [by_path[path] for path in ordered], in_circle
