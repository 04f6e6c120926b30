"""A node stops while clients wait: who was let in is answered, and the exit code tells whether all were."""

import socket
from collections.abc import Iterator

import pytest
from gateway.artifacts import relay
from gateway.back_end import BackEnd, swallows
from gateway.caller import GET, Caller
from gateway.serving_node import LOOPBACK, ServingNode, serving
from harness import wait_until
from harness.back_end import Conversation

STOP_LIMIT_MS = 3000


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory, lasting_back_end: BackEnd) -> Iterator[ServingNode]:
    settings = {"server": {"graceful_shutdown_timeout": STOP_LIMIT_MS, "lb_drain_delay": 0.5}}
    artifacts = {"relay": relay("relay", lasting_back_end.url)}
    with serving(tmp_path_factory.mktemp("gw") / "n", artifacts, settings) as started:
        yield started


def test_a_request_in_flight_is_answered_and_newcomers_are_not_taken(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    gate = back_end.gate()

    async def answers_at_last(talk: Conversation) -> None:
        await talk.request()
        await gate.passed()
        await talk.answer(b"at last")

    back_end.script = answers_at_last
    with Caller(gateway.port) as waiting, Caller(gateway.port) as idle:
        waiting.send(GET % b"/relay")
        wait_until(lambda: back_end.requests, "the request at the back end")
        gateway.node.process.terminate()
        wait_until(lambda: gateway.node.probe("/healthz")[0] == 503, "a node that is not ready any more")
        with Caller(gateway.port) as late:
            assert late.get("/nothing").status == 404  # the balancer has not heard of it yet
        wait_until(lambda: _is_refused(gateway.port), "a closed port")
        assert idle.get("/nothing").headers["connection"] == "close"
        gate.open()
        answer = waiting.answer()
        assert (answer.status, answer.body, answer.headers["connection"]) == (200, b"at last", "close")
    assert gateway.node.wait() == 0


def test_a_request_that_does_not_end_is_cut_off_with_a_503(gateway: ServingNode, back_end: BackEnd) -> None:
    back_end.script = swallows
    with Caller(gateway.port) as waiting:
        waiting.send(GET % b"/relay")
        back_end.wait_connected(1)
        gateway.node.process.terminate()
        answer = waiting.answer()
        assert (answer.status, answer.headers["connection"]) == (503, "close")
    assert gateway.node.wait() == 1
    gateway.node.wait_logged("ERROR", "Cancelled at the stop: 1 request(s)")


def _is_refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) != 0
