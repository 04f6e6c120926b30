"""From what changed on disk to what is taken and what is refused; nothing is in force yet."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from micro_integrator.deployment.catalogue import Catalogue, Version
from micro_integrator.deployment.decision import Refusal, refusals
from micro_integrator.deployment.loader import Loader
from micro_integrator.deployment.precedence import in_order, without_shadowed
from micro_integrator.deployment.problem import Faulty, Incomplete, Problem
from micro_integrator.deployment.watcher import PATIENCE, Candidate, Watcher
from micro_integrator.observability import get_logger

log = get_logger("Deployment")


@dataclass
class Verdict:
    """The versions to put into force, in order of precedence, and by path why others are not."""

    taken: list[Version] = field(default_factory=list)
    refused: dict[str, tuple[Candidate | None, Faulty]] = field(default_factory=dict)


class Intake:
    """Loads candidates and decides between them; tells the watcher which of them are judged."""

    def __init__(self, loader: Loader, catalogue: Catalogue, watcher: Watcher, preferred: str) -> None:
        self._loader, self._catalogue, self._watcher = loader, catalogue, watcher
        self._preferred = preferred
        self._waited_for: set[str] = set()

    async def judge(
        self, candidates: Iterable[Candidate], overdue: Iterable[str], *, is_first: bool
    ) -> Verdict:
        """Return what becomes of `candidates`, and of those that other files may have healed meanwhile."""
        verdict = Verdict()
        for path in overdue:
            reason = f"incomplete: still changing after {PATIENCE:g} s"
            verdict.refused[path] = (None, Faulty.at(self._loader.shown(path), reason))
        versions = await self._load(list(candidates), verdict)
        if is_first:
            versions = without_shadowed(versions)
        self._decide(versions, verdict)
        return verdict

    async def _load(self, candidates: Sequence[Candidate], verdict: Verdict) -> list[Version]:
        versions: list[Version] = []
        fresh = {candidate.path for candidate in candidates}
        retried = [candidate for candidate in self._catalogue.may_heal() if candidate.path not in fresh]
        outcomes = await asyncio.to_thread(self._loader.load_all, [*candidates, *retried])
        for candidate, outcome in outcomes:
            if isinstance(outcome, Incomplete) and self._is_waited_for(candidate, outcome):
                continue
            self._waited_for.discard(candidate.path)
            self._watcher.accept(candidate)
            if isinstance(outcome, Faulty):
                verdict.refused[candidate.path] = (candidate, outcome)
            else:
                versions.append(outcome)
        return versions

    def _is_waited_for(self, candidate: Candidate, fault: Incomplete) -> bool:
        left = self._watcher.patience_left(candidate)
        if left > 0 and candidate.path not in self._waited_for:
            self._waited_for.add(candidate.path)
            log.info(
                "{problem}; faulty if it stays like this for {left:.0f} s", problem=str(fault), left=left
            )
        return left > 0

    def _decide(self, versions: Sequence[Version], verdict: Verdict) -> None:
        in_force = self._catalogue.in_force()
        ordered, in_circle = in_order(versions, {version.path for version in in_force}, self._preferred)
        if in_circle:
            shown = ", ".join(self._loader.shown(path) for path in in_circle)
            log.warning(
                "Applications need each other in a circle; alphabetical order is used: {files}", files=shown
            )
        refused = refusals([version.claim for version in in_force], [version.claim for version in ordered])
        for version in ordered:
            if (refusal := refused.get(version.path)) is not None:
                problem = refusal_problem(version, refusal, self._loader.shown)
                verdict.refused[version.path] = (version.candidate, Faulty([problem], may_heal=True))
            else:
                verdict.taken.append(version)


def refusal_problem(version: Version, refusal: Refusal, shown: Callable[[str], str]) -> Problem:
    """Return what to tell about a version that is not taken; `shown` turns paths into what messages call them."""
    own, rival = shown(version.path), shown(refusal.rival)
    if refusal.name is None:
        return Problem(own, f"waiting: the application '{refusal.missing}' is not deployed")
    for artifact in version.artifacts:
        if refusal.name in artifact.occupied:
            source, (space, name) = artifact.origin.source, refusal.name
            what = artifact.kind if space == artifact.space else space
            reason = f"duplicate of {rival} ({what} '{name}')"
            return Problem(str(source.path), reason, source.line, artifact=artifact.name)
    reason = (
        f"'{refusal.name.name}' already exists. Two applications can't have the same Id: duplicate of {rival}"
    )
    return Problem(own, reason)
