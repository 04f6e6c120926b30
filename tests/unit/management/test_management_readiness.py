"""When a node is ready, and what it says when it is not."""

import pytest

from micro_integrator.management import Readiness


def running(**facts: object) -> Readiness:
    usual: dict[str, object] = {"starting": False, "deployed": True, "is_joined": lambda: True}
    return Readiness("0.1.0", **(usual | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("readiness", "status"),
    [
        (Readiness("0.1.0"), "starting"),
        (running(stopping=True, starting=True), "stopping"),
        (running(deployed=False), "not ready, deployment pass not finished"),
        (running(is_joined=lambda: False, require_coordination=True), "not ready, cluster: not joined"),
        (running(faulty=["bad.car"]), "not ready, faulty CAPPs detected"),
        (running(faulty=["bad.car"], ignore_faulty_capps=True), "ready"),
        (running(is_joined=lambda: False), "ready"),
        (running(), "ready"),
    ],
)
def test_the_first_reason_is_told(readiness: Readiness, status: str) -> None:
    code, body = readiness.answer()
    assert body["status"] == status
    assert code == (200 if status == "ready" else 503)
    assert readiness.is_ready == (status == "ready")


def test_faulty_applications_are_named() -> None:
    assert running(faulty=["bad.car"]).answer() == (
        503,
        {
            "version": "0.1.0",
            "update_level": "-",
            "status": "not ready, faulty CAPPs detected",
            "Faulty CAPPs": ["bad.car"],
        },
    )


def test_the_status_code_of_the_reference_can_be_restored() -> None:
    assert running(deployed=False, status_code=500).answer()[0] == 500


def test_a_node_that_once_started_stays_started_while_it_stops() -> None:
    assert running(stopping=True).has_started
    assert not running(deployed=False).has_started
    assert not running(starting=True).has_started
