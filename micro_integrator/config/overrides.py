"""Values from outside the file: `MI__SECTION__KEY` variables, and the names that single keys listen to."""

from collections.abc import Mapping

from micro_integrator.config.catalogue import Catalogue
from micro_integrator.config.entries import Entries
from micro_integrator.config.errors import Place
from micro_integrator.config.key_positions import KeyPath
from micro_integrator.config.report import Report

PREFIX = "MI__"
_MISSPELT = "HeartBeatMaxRetry"
_NEEDLESS = "scheduledPeriod"


def apply_overrides(
    entries: Entries,
    catalogue: Catalogue,
    report: Report,
    *,
    properties: Mapping[str, str],
    environ: Mapping[str, str],
) -> None:
    """Put the values from outside over those of the file.

    A system property wins over the key's own variable, and that over the `MI__` variable.
    """
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        path = _path(variable, catalogue)
        if path:
            entries.put(path, environ[variable], Place(f"environment variable {variable}"))
    for name, key in catalogue.keys.items():
        path = tuple(name.split("."))
        for variable in reversed(key.environment):
            if environ.get(variable):
                entries.put(path, environ[variable], Place(f"environment variable {variable}"))
        for one in reversed(key.properties):
            if properties.get(one):
                entries.put(path, properties[one], Place(f"system property {one}"))
    _mention_idle_names(report, properties, environ)


def _path(variable: str, catalogue: Catalogue) -> KeyPath:
    """Return the path a variable names: keys are found in any case, numbers choose elements of arrays."""
    steps = variable.removeprefix(PREFIX).split("__")
    plain = ".".join(step for step in steps if not step.isdecimal()).lower()
    known = next((name for name in catalogue.names() if name.lower() == plain), plain)
    names = iter(known.split("."))
    path: list[str | int] = []
    for step in steps:
        path.extend([int(step)] if step.isdecimal() else [next(names) for _ in step.split(".")])
    return () if "" in path else tuple(path)


def _mention_idle_names(report: Report, properties: Mapping[str, str], environ: Mapping[str, str]) -> None:
    for origin, names in (("system property", properties), ("environment variable", environ)):
        if _MISSPELT in names:
            report.warn(Place(f"{origin} {_MISSPELT}"), "has no effect; write heartbeatMaxRetry")
        if _NEEDLESS in names:
            report.notice(f"[{_NEEDLESS}] is not needed; the behaviour is always on")
