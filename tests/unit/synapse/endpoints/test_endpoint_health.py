"""The state of an endpoint in use: what is logged, and what the metrics show."""

from dataclasses import dataclass

from micro_integrator.observability import metrics_text, recorded_lines
from micro_integrator.synapse.endpoints.health import Admission, Health
from micro_integrator.synapse.endpoints.state import Rules, Status

URL = "http://127.0.0.1:1/a"
NAMED = f"Billing with address {URL}"


@dataclass
class HandClock:
    time: float = 100.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


def admission(health: Health) -> Admission:
    found = health.admit()
    assert found is not None
    return found


def without_dates(texts: list[str]) -> list[str]:
    return [text.rpartition("after : ")[0] or text for text in texts]


def test_a_suspension_and_its_end_are_told_in_the_words_operators_search_for() -> None:
    clock = HandClock()
    health = Health("Billing", Rules(first_duration=1, factor=2), clock)
    with recorded_lines() as told:
        health.failed(admission(health), 101503, URL)
        clock.time += 1
        health.failed(admission(health), 101503, URL)
        clock.time += 2
        health.answered(admission(health), 200, URL)
    assert without_dates(told.texts()) == [
        f"Endpoint : {NAMED} will be marked SUSPENDED as it failed",
        f"Suspending endpoint : {NAMED} - current suspend duration is : 1000ms - Next retry ",
        f"Endpoint : {NAMED} will be marked SUSPENDED as it failed",
        f"Suspending endpoint : {NAMED} - last suspend duration was : 1000ms and current suspend duration is : "
        "2000ms - Next retry ",
        f"Endpoint : {NAMED} currently SUSPENDED will now be marked active since it processed its last message",
    ]


def test_a_suspension_that_ends_after_all_calendars_is_told_too() -> None:
    health = Health("Billing", Rules(first_duration=2**63 / 1000), HandClock())
    with recorded_lines() as told:
        health.failed(admission(health), 101503, URL)
    assert health.status is Status.SUSPENDED
    assert told.texts()[-1].endswith("Next retry after : never")


def test_tries_are_told_until_none_is_left() -> None:
    clock = HandClock()
    health = Health("Billing", Rules(tries=1, try_delay=1), clock)
    with recorded_lines() as told:
        health.failed(admission(health), 101504, URL)
        clock.time += 1
        health.failed(admission(health), 101504, URL)
    assert [record.fields.get("tries") for record in told.records[:1]] == [0]
    assert told.texts()[0].startswith(
        f"Endpoint : {NAMED} is marked as TIMEOUT and will be retried : 0 more time/s"
    )
    assert told.texts()[0].endswith("until its marked SUSPENDED for failure")
    assert told.texts()[1] == (
        f"Endpoint : {NAMED} has been marked for SUSPENSION, but no further retries remain. Thus it will be SUSPENDED."
    )


def test_nothing_is_told_while_nothing_changes() -> None:
    health = Health("Billing", Rules(suspending=frozenset({-1})), HandClock())
    with recorded_lines() as told:
        health.failed(admission(health), 101503, URL)
        health.answered(admission(health), 200, URL)
    assert told.records == []


def test_a_status_on_the_list_is_a_failure_and_any_other_an_answer() -> None:
    health = Health("Billing", Rules(suspending=frozenset({503})), HandClock())
    found = []
    for status in (500, 503):
        health.answered(admission(health), status, URL)
        found.append(health.status)
    assert found == [Status.ACTIVE, Status.SUSPENDED]


def test_a_probe_that_comes_to_nothing_lets_the_next_one_in() -> None:
    clock = HandClock()
    health = Health("Billing", Rules(first_duration=0), clock)
    health.failed(admission(health), 101503, URL)
    probe = admission(health)
    assert probe.is_probe
    assert health.admit() is None
    health.came_to_nothing(probe)
    assert health.admit() is not None


def test_the_state_and_the_latency_are_measured() -> None:
    clock = HandClock()
    health = Health("Measured", Rules(), clock)
    sent = admission(health)
    clock.time += 0.22
    health.answered(sent, 200, URL)
    health.failed(admission(health), 101503, URL)
    text = metrics_text().decode()
    assert 'mi_endpoint_state{endpoint="Measured"} 1.0' in text
    assert 'mi_endpoint_latency_seconds_bucket{endpoint="Measured",le="0.25"} 1.0' in text
