"""The player of HTTP cases, played by programs of a few lines: what is known when it hangs, ends or goes on."""

from pathlib import Path

import pytest
from conformance import http_player
from conformance.corpus import Row
from conformance.http_player import Played, allowance, play

CASES: list[Row] = [{"id": name, "steps": []} for name in ("a", "b", "c")]
WAIT = "import threading; threading.Event().wait()"


def played(folder: Path, *lines: str, goes_on: bool = True) -> Played:
    program = folder / "player.py"
    program.write_text("\n".join(lines))
    return play([program], CASES, lambda: goes_on)


def said(text: str) -> str:
    return f"print({text!r}, flush=True)"


def test_a_player_that_comes_to_its_end_has_a_whole_report(tmp_path: Path) -> None:
    found = played(tmp_path, said("PASS a (0.1s)"), said("FAIL b (0.2s)  why"), said("1 passed, 1 failed"))
    assert found.is_whole
    assert found.outcomes == {"a": ("pass", ""), "b": ("fail", "why")}


def test_the_case_at_which_it_hangs_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_player, "CASE_LIMIT", 1.0)
    found = played(tmp_path, said("PASS a (0.1s)"), WAIT)
    assert not found.is_whole
    assert found.outcomes == {"a": ("pass", "")}
    assert (found.stopped_by, found.ending) == ("b", "took longer than 1 s")


def test_the_case_at_which_it_ends_is_known(tmp_path: Path) -> None:
    found = played(tmp_path, said("FAIL a (0.1s)  two\nlines"), "raise SystemExit('out of order')")
    assert found.outcomes == {"a": ("fail", "two")}
    assert found.stopped_by == "b"
    assert found.ending.startswith("the player ended with 1:")
    assert "out of order" in found.ending
    assert not found.is_hopeless


def test_nothing_is_expected_of_a_player_that_cannot_begin(tmp_path: Path) -> None:
    found = played(tmp_path, "import nothing_of_this_name")
    assert found.is_hopeless
    assert "nothing_of_this_name" in found.ending


def test_it_is_ended_after_a_failure_when_the_server_does_not_go_on(tmp_path: Path) -> None:
    found = played(tmp_path, said("PASS a (0.1s)"), said("FAIL b (0.1s)"), WAIT, goes_on=False)
    assert found.outcomes == {"a": ("pass", ""), "b": ("fail", "")}
    assert found.stopped_by is None
    assert not found.is_whole


def test_a_case_may_take_what_it_says_itself() -> None:
    steps = [
        {"before": [{"sleep_ms": 15_000}], "request": None},
        {"client_timeout_ms": 2_000, "repeat": 3, "request": {}},
    ]
    assert allowance({"id": "a", "steps": steps}) == http_player.CASE_LIMIT + 21
    endless = [{"before": [{"sleep_ms": 10**12}]}]
    assert allowance({"id": "a", "steps": endless}) == http_player.CASE_LIMIT + http_player.MOST_WAITING
