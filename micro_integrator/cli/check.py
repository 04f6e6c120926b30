"""`check`: read the configuration and every artifact of a home, open nothing, and tell all problems with their places.

Exit status 0 = nothing wrong, 3 = problems. With --strict unknown keys, unknown attributes and references that lead
nowhere are problems too.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from micro_integrator.config import ConfigurationError, ConfigurationErrors, Home, Settings, load
from micro_integrator.database import DataSource
from micro_integrator.deployment import Examination, examine
from micro_integrator.kit import one_line
from micro_integrator.server import planning

OK, PROBLEMS = 0, 3


def main(home: Path, properties: Mapping[str, str], *, strict: bool = False) -> int:
    """Print what is wrong with the home `home`; returns the exit status."""
    settings, problems = _settings(home, properties, strict=strict)
    problems += [*_datasources(settings), *_resolver(settings)]
    examination = examine(settings, strict=strict)
    problems += [(problem.file, str(problem)) for problem in examination.problems]
    if strict or settings.mediation.strict_references:
        problems += [(problem.file, str(problem)) for problem in examination.dangling]
    else:
        _print_list("Unresolved references:", map(str, examination.dangling))
    _print_list("Warnings:", (*settings.warnings, *examination.remarks))
    _print_list("Problems:", (text for _, text in problems))
    print(_summary(problems, examination))
    return PROBLEMS if problems else OK


def _settings(
    home: Path, properties: Mapping[str, str], *, strict: bool
) -> tuple[Settings, list[tuple[str, str]]]:
    """Return the settings; when they are broken, the defaults, so that the artifacts are looked at all the same."""
    try:
        return load(home, properties=properties, environ=os.environ, strict=strict), []
    except ConfigurationErrors as errors:
        defaults = Settings(home=Home(home, os.environ, properties), properties=properties)
        return defaults, [(problem.file, str(problem)) for problem in errors.problems]


def _datasources(settings: Settings) -> list[tuple[str, str]]:
    problems = []
    for source in settings.datasources.values():
        try:
            DataSource.configured(source)
        except ConfigurationError as error:
            problems.append((error.file, str(error)))
    return problems


def _resolver(settings: Settings) -> list[tuple[str, str]]:
    try:
        planning(settings)
    except ConfigurationError as error:
        return [(error.file, str(error))]
    return []


def _summary(problems: Sequence[tuple[str, str]], examination: Examination) -> str:
    if not problems:
        return f"No problems found ({_count(examination.files, 'artifact file')})"
    return f"{_count(len(problems), 'problem')} in {_count(len({file for file, _ in problems}), 'file')}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _print_list(title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    if lines:
        print(title, *map(one_line, lines), sep="\n")
