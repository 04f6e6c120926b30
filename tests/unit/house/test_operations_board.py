"""The board for Grafana shows numbers that exist, in panels that can all be seen."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import micro_integrator.server.app  # it knows all rooms, so all metrics are defined
from micro_integrator.observability import metrics_text

FILE = Path(micro_integrator.__file__).parents[1] / "docs" / "operations" / "grafana-board.json"
WIDTH = 24
"""Columns of a board."""
NAME = re.compile(r"\b(?:mi|wso2|process)_[a-z_]+\b")
SERIES = re.compile(r"_(?:bucket|sum|count)$")


def test_every_metric_on_the_board_is_exported() -> None:
    exported = set(re.findall(r"^# TYPE (\S+)", metrics_text().decode(), re.MULTILINE))
    shown = {name for text in _queries() for name in NAME.findall(text)}
    assert len(shown) > 15
    assert {name for name in shown if not {name, SERIES.sub("", name)} & exported} == set()


def test_every_metric_of_the_cluster_is_on_the_board() -> None:
    exported = set(re.findall(r"^# TYPE (mi_cluster_\S+)", metrics_text().decode(), re.MULTILINE))
    shown = {SERIES.sub("", name) for text in _queries() for name in NAME.findall(text)}
    assert len(exported) > 5
    assert exported - shown == set()


def test_every_panel_has_a_number_of_its_own() -> None:
    numbers = [panel["id"] for panel in _board()["panels"]]
    assert len(numbers) == len(set(numbers))


def test_no_panel_covers_another_or_leaves_the_board() -> None:
    places = [panel["gridPos"] for panel in _board()["panels"]]
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= WIDTH for place in places)
    covered = [(one, other) for one, other in itertools.combinations(places, 2) if _meet(one, other)]
    assert covered == []


def test_every_panel_asks_the_data_source_that_the_reader_has_chosen() -> None:
    board = _board()
    assert board["templating"]["list"][0]["name"] == "datasource"
    asked = [target["datasource"]["uid"] for panel in board["panels"] for target in panel.get("targets", [])]
    assert set(asked) == {"${datasource}"}


def _board() -> Any:
    return json.loads(FILE.read_text("utf-8"))


def _queries() -> Iterator[str]:
    board = _board()
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))
    yield from (note["expr"] for note in board["annotations"]["list"])
    yield from (
        variable["definition"] for variable in board["templating"]["list"] if "definition" in variable
    )


def _meet(one: dict[str, int], other: dict[str, int]) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not beside and not below
