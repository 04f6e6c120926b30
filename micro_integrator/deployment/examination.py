"""Reading everything a home would deploy, without an engine, a port or a database: the work of `check`."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from micro_integrator.config import Settings
from micro_integrator.deployment.catalogue import Version
from micro_integrator.deployment.decision import refusals
from micro_integrator.deployment.intake import refusal_problem
from micro_integrator.deployment.loader import Loader
from micro_integrator.deployment.precedence import in_order, without_shadowed
from micro_integrator.deployment.problem import Faulty, Problem
from micro_integrator.deployment.resource_store import is_resource
from micro_integrator.deployment.terms import folders_of, terms_of
from micro_integrator.deployment.watcher import Watcher
from micro_integrator.registry import Registry
from micro_integrator.synapse import Graph


@dataclass(frozen=True)
class Examination:
    """What was found: problems prevent a file from being deployed, dangling references and remarks do not."""

    files: int
    problems: tuple[Problem, ...]
    dangling: tuple[Problem, ...]
    remarks: tuple[str, ...]


def examine(
    settings: Settings, environ: Mapping[str, str] = os.environ, *, strict: bool = False
) -> Examination:
    """Read all artifacts of a home as a start of the server would, every file to its end."""
    folders = folders_of(settings)
    changes = Watcher(folders, settle=0, patience=0).look()
    terms = terms_of(settings, environ, strict=strict)
    loader = Loader(settings, terms, [folder.path for folder in folders], environ)
    versions: list[Version] = []
    problems: list[Problem] = []
    for _, outcome in loader.load_all(changes.candidates):
        if isinstance(outcome, Faulty):
            problems += outcome.problems
        else:
            versions.append(outcome)
    ordered, _ = in_order(without_shadowed(versions), frozenset(), folders[-1].path)
    refused = refusals([], [version.claim for version in ordered])
    problems += [
        refusal_problem(one, refused[one.path], loader.shown) for one in ordered if one.path in refused
    ]
    taken = [version for version in ordered if version.path not in refused]
    return Examination(
        files=len(changes.candidates),
        problems=tuple(problems),
        dangling=tuple(_dangling(taken, Registry(settings.home.registry))),
        remarks=tuple(_remarks(taken)),
    )


def _dangling(versions: list[Version], registry: Registry) -> Iterator[Problem]:
    artifacts = [artifact for version in versions for artifact in version.artifacts]
    brought = {resource.key for version in versions for resource in version.package.resources}
    graph = Graph().changed(add=artifacts)
    for reference in graph.unresolved(lambda key: key in brought or is_resource(registry, key)):
        reason = f"{reference.kind} '{reference.key}' is referred to but not deployed"
        yield Problem(str(reference.source.path), reason, reference.source.line)


def _remarks(versions: list[Version]) -> Iterator[str]:
    for version in versions:
        yield from version.package.notes
        yield from map(str, version.notices)
