"""What a changed configuration means for a running node."""

from dataclasses import dataclass

from micro_integrator.config.later import is_waiting
from micro_integrator.config.loading import CATALOGUE
from micro_integrator.config.settings import Settings


@dataclass(frozen=True)
class Changes:
    """Names of the keys that differ: `applied` take effect at once, `restart` only with the next start."""

    applied: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


def reloadable(old: Settings, new: Settings) -> Changes:
    """Compare two readings of one home; keys that this release does not use are left out."""
    names = sorted(
        name for name in old.values.keys() | new.values.keys() if old.values.get(name) != new.values.get(name)
    )
    used = [name for name in names if _is_used(_plain(name))]
    return Changes(
        applied=tuple(name for name in used if _is_reloadable(_plain(name))),
        restart=tuple(name for name in used if not _is_reloadable(_plain(name))),
    )


def _plain(name: str) -> str:
    return ".".join(step for step in name.split(".") if not step.isdecimal())


def _is_used(name: str) -> bool:
    # what a secret is used for changes with it, and is named instead of it
    is_known = name in CATALOGUE.keys or (CATALOGUE.table_of(name) not in (None, "secrets"))
    return is_known and not is_waiting(name)


def _is_reloadable(name: str) -> bool:
    if key := CATALOGUE.keys.get(name):
        return key.is_reloadable
    table = CATALOGUE.table_of(name)
    return table is not None and CATALOGUE.tables[table].is_reloadable
