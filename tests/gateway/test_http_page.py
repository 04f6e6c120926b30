"""docs/http.md says what the product says: its links lead somewhere, its settings are read, its lines are written."""

import re
from pathlib import Path

import pytest
from harness.node import CHECKOUT

from micro_integrator.config import load
from micro_integrator.config.loading import CATALOGUE
from micro_integrator.transports.listener_profiles import read_profiles

PAGE = CHECKOUT / "docs" / "http.md"
TEXT = PAGE.read_text("utf-8")


def test_every_link_leads_to_a_file() -> None:
    places = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", TEXT)]
    assert [place for place in places if not (PAGE.parent / place).exists()] == []
    assert len(places) > 5


def test_every_key_is_one_that_is_read() -> None:
    named = {f"{section}.{key}" for section, key in re.findall(r"`\[([a-z_.]+)\]\s([a-z_]+)", TEXT)}
    assert named - CATALOGUE.keys.keys() == set()
    assert len(named) > 12


def test_every_example_of_settings_is_read_without_a_complaint(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "deployment.toml").write_text("\n".join(examples))
    settings = load(tmp_path, properties={}, environ={}, strict=True)
    assert settings.transport_http.access_log.access_log_enable
    assert settings.transport_http.listener.verify_client == "optional"


def test_the_example_of_a_profile_can_be_read() -> None:
    [example] = re.findall(r"```xml\n(.*?)```", TEXT, re.DOTALL)
    [profile] = read_profiles(example.encode())
    assert profile.names == ("orders.example",)


@pytest.mark.parametrize(
    "line",
    [
        "Trying to send a response to an already responded client request",
        "Clients have to wait, raise the limit of open files",
        "have been read again",
        "main sequence executed for call to non-existent",
    ],
)
def test_a_line_that_the_page_names_is_written_somewhere(line: str) -> None:
    assert line in TEXT
    assert any(line in file.read_text("utf-8") for file in (CHECKOUT / "micro_integrator").rglob("*.py"))
