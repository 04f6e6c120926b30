"""Which of the arriving files are taken: names are given once, and applications wait for those they need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from micro_integrator.deployment.order import first_keeps


class Name(NamedTuple):
    """What is given away only once."""

    space: str
    name: str


@dataclass(frozen=True)
class Claim:
    """What one file wants: the names of its artifacts, and the applications it needs; `id` is what it provides."""

    path: str
    names: tuple[Name, ...]
    id: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Why a file is not taken: another one has `name`, or the application called `missing` is not there."""

    name: Name | None = None
    rival: str = ""
    missing: str = ""


def refusals(standing: Iterable[Claim], arriving: Sequence[Claim]) -> dict[str, Refusal]:
    """Return which of `arriving`, in order of precedence, cannot be taken beside `standing`.

    An arriving claim takes the place of the standing one of the same path; when it is refused, the old one stays.
    """
    standing = list(standing)
    updated = {claim.path for claim in arriving}
    refused: dict[str, Refusal] = {}
    while True:
        kept = [claim for claim in standing if claim.path not in updated or claim.path in refused]
        newcomers = [claim for claim in arriving if claim.path not in refused]
        more = _too_late(kept, newcomers) or _waiting(kept, newcomers)
        if not more:
            return refused
        refused.update(more)


def _too_late(kept: Sequence[Claim], newcomers: Sequence[Claim]) -> Mapping[str, Refusal]:
    late = first_keeps([(claim.path, claim.names) for claim in (*kept, *newcomers)])
    arriving = {claim.path for claim in newcomers}
    return {path: Refusal(name, rival) for path, (name, rival) in late.items() if path in arriving}


def _waiting(kept: Sequence[Claim], newcomers: Sequence[Claim]) -> Mapping[str, Refusal]:
    provided = {claim.id for claim in (*kept, *newcomers)}
    missing = {
        claim.path: next((one for one in claim.needs if one not in provided), None) for claim in newcomers
    }
    return {path: Refusal(missing=one) for path, one in missing.items() if one is not None}
