"""A journal as at the start of the process, and a wall clock that stands still in UTC."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from micro_integrator.observability import flush
from micro_integrator.observability.journal import journal
from micro_integrator.observability.layouts import console_text
from micro_integrator.observability.levels import Levels
from micro_integrator.observability.log_files import Console
from micro_integrator.observability.masking import Masker
from micro_integrator.observability.writer import Writer

NOON = 1_740_906_907_114
"""2025-03-02 09:15:07.114 UTC."""


@dataclass(frozen=True)
class Settings:
    """The section [logging]."""

    format: str = "text"
    files: bool = True
    level: str = "INFO"


@pytest.fixture(autouse=True)
def clean_journal() -> Iterator[None]:
    yield
    flush()
    outputs = (Writer(Console(), console_text),)
    for output in journal.use_outputs(outputs):
        output.close()
    journal.use_levels(Levels())
    journal.mask = Masker()


@pytest.fixture
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr("micro_integrator.observability.logger.wall_ms", lambda: NOON)
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def settings() -> type[Settings]:
    return Settings
