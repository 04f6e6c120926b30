"""A case that hangs, or ends the process that tries it, fails alone."""

import os
import threading

import pytest
from conformance.corpus import BROKEN, Row
from conformance.trials import tried
from conformance.verdict import Gap, Mismatch, Verdict


def hang(case: Row) -> None:
    threading.Event().wait()


def crash(case: Row) -> None:
    os._exit(3)


def refuse(case: Row) -> None:
    raise Mismatch("not so")


def leave(case: Row) -> None:
    raise Gap("not there")


def stumble(case: Row) -> None:
    raise KeyError("kind")


def end(case: Row) -> None:
    raise SystemExit(3)


def verdicts(*cases: Row, patience: float = 30.0) -> dict[str, tuple[str, str]]:
    found = list(tried(cases, "unit", lambda case: case["does"](case), patience))
    assert all(isinstance(one, Verdict) for one in found)
    assert [one.id for one in found] == [case["id"] for case in cases]
    return {one.id: (one.outcome, one.reason) for one in found}


@pytest.mark.parametrize(
    ("does", "outcome"),
    [
        (lambda case: None, ("pass", "")),
        (refuse, ("fail", "not so")),
        (leave, ("skip", "not there")),
        (stumble, ("fail", "KeyError: 'kind'")),
    ],
)
def test_a_trial_ends_in_a_verdict(does: object, outcome: tuple[str, str]) -> None:
    assert verdicts({"id": "one", "does": does}) == {"one": outcome}


def test_a_case_that_hangs_does_not_keep_the_others_waiting() -> None:
    found = verdicts(
        {"id": "first", "does": leave},
        {"id": "hangs", "does": hang},
        {"id": "hangs too", "does": hang},
        {"id": "last", "does": refuse},
        patience=0.2,
    )
    assert found == {
        "first": ("skip", "not there"),
        "hangs": ("fail", "took longer than 0.2 s"),
        "hangs too": ("fail", "took longer than 0.2 s"),
        "last": ("fail", "not so"),
    }


@pytest.mark.parametrize("does", [crash, end])
def test_a_case_that_ends_its_process_fails_alone(does: object) -> None:
    found = verdicts({"id": "ends", "does": does}, {"id": "last", "does": refuse})
    assert found == {"ends": ("fail", "ended the process that tried it"), "last": ("fail", "not so")}


def test_a_row_that_could_not_be_read_fails_with_what_is_wrong_with_it() -> None:
    assert verdicts({"id": "unit.jsonl:3", BROKEN: "no JSON"}) == {"unit.jsonl:3": ("fail", "no JSON")}


def test_nothing_to_try_gives_no_verdict() -> None:
    assert verdicts() == {}
