"""Whatever docs/triggers.md shows can be used."""

import re
from pathlib import Path

from micro_integrator.tasks.triggers import Cron, read_trigger

PAGE = (Path(__file__).parents[3] / "docs" / "triggers.md").read_text(encoding="utf-8")


def test_every_trigger_on_the_page_can_be_scheduled() -> None:
    triggers = re.findall(r"<trigger([^>]*)/>", PAGE)
    assert len(triggers) >= 5
    for attributes in triggers:
        read_trigger(dict(re.findall(r'(\w+)="([^"]*)"', attributes)), "UTC")


def test_every_example_on_the_page_fires() -> None:
    examples = re.findall(
        r"^\| `([^`]+ [^`]+)` \|", PAGE.split("| example | runs |")[1].split("\n## ")[0], re.MULTILINE
    )
    assert len(examples) >= 9
    for example in examples:
        assert not Cron(example, "Europe/Berlin").never_fires(1_735_689_600_000)
