"""Two nodes behind the nginx of the operations page: one restarts, or dies, and no client notices."""

import itertools
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gateway.artifacts import api, call, resource
from gateway.back_end import BackEnd
from gateway.caller import Answer, Caller
from gateway.load import Load
from gateway.nginx import balancing
from gateway.serving_node import make_home
from harness import Home, Node, wait_until
from servers.ports import free_port

OFFSET = 10
"""What a node adds to the port of its settings."""
DRAIN_DELAY = 2
"""Seconds for which a node that is to stop still takes clients in."""
BODY = b"an order of 1 KB".ljust(1024)


@dataclass
class Pair:
    """Two homes by the ports of their nodes, and the port of the balancer."""

    homes: dict[int, Home]
    port: int

    def node(self, number: int) -> Node:
        """Return the newest life of the first or the second node."""
        return self._home(number).lives[-1]

    def restart(self, number: int) -> None:
        """Start a node that has ended."""
        self._home(number).start()

    def log(self) -> str:
        """Everything that both have said."""
        return "".join(home.log() for home in self.homes.values())

    def _home(self, number: int) -> Home:
        return list(self.homes.values())[number]


@pytest.fixture(scope="module")
def pair(folder: Path, lasting_back_end: BackEnd) -> Iterator[Pair]:
    """Both nodes serve; their requests to the back end carry the port."""
    homes = {}
    for number in (1, 2):
        port = free_port()
        homes[port] = make_home(
            folder / f"node-{number}",
            {"orders": _orders(lasting_back_end.url, port)},
            {"transport.http.listener": {"port": port - OFFSET}, "server": {"lb_drain_delay": DRAIN_DELAY}},
        )
    made = Pair(homes, 0)
    try:
        for home in homes.values():
            home.start()
        with balancing(folder / "nginx", list(homes)) as made.port:
            wait_until(lambda: _is_open(made.port), "nginx")
            yield made
    finally:
        for node in [node for home in homes.values() for node in home.lives]:
            node.kill()
        print(made.log())


def test_the_balancer_tells_who_has_asked_and_what_the_request_is_called(
    pair: Pair, back_end: BackEnd
) -> None:
    with Caller(pair.port) as caller:
        named = caller.get("/orders").headers["activityid"]
    [seen] = back_end.requests
    assert seen.header("activityid") == named
    assert len(named) == 32
    assert seen.header("X-Forwarded-For") == "127.0.0.1"
    assert (seen.header("X-Forwarded-Proto"), seen.header("X-Forwarded-Host")) == ("http", "esb.example")


def test_no_request_fails_while_one_of_two_nodes_restarts(pair: Pair, back_end: BackEnd) -> None:
    leaving, turns = pair.node(0), itertools.count()

    def ask(caller: Caller) -> Answer:
        return caller.post("/orders/new", BODY) if next(turns) % 2 else caller.get("/orders/1")

    with Load(lambda: Caller(pair.port), ask, b"ok") as load:
        _wait_served_by_both(pair, back_end)
        load.wait_for_more(200)
        leaving.process.terminate()
        wait_until(lambda: leaving.probe("/healthz")[0] == 503, "a node that is not ready any more")
        assert leaving.wait() == 0
        load.wait_for_more(200)
        pair.restart(0)
        _wait_served_by_both(pair, back_end)
        load.wait_for_more(200)
    assert load.failures == {}
    assert " ERROR " not in pair.log()


def test_a_killed_node_costs_nothing_that_may_be_asked_twice(pair: Pair, back_end: BackEnd) -> None:
    with Load(lambda: Caller(pair.port), lambda caller: caller.get("/orders/1"), b"ok") as load:
        _wait_served_by_both(pair, back_end)
        pair.node(1).kill()
        load.wait_for_more(400)
    assert load.failures == {}


def _orders(url: str, port: int) -> str:
    mark = f'<header name="X-Node" scope="transport" value="{port}"/>'
    return api("orders", resource(f"{mark}{call(url)}<respond/>"))


def _wait_served_by_both(pair: Pair, back_end: BackEnd) -> None:
    """Return when both nodes have served requests that came from now on."""
    known, wanted = len(back_end.requests), {str(port) for port in pair.homes}
    wait_until(
        lambda: {request.header("X-Node") for request in back_end.requests[known:]} == wanted,
        "requests by both nodes",
    )


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
