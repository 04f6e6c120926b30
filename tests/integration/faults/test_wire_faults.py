"""A proxy between nodes: what it does to LOOKs, and that it is no better than the node behind it."""

import socket
from collections.abc import Iterator

import pytest
from harness import Proxy, wait_until
from servers.ports import free_port

from micro_integrator.cluster.wire.frames import Decoder, Frame, Kind, encode_numbers

PING, LOOK = encode_numbers(Kind.PING, 1, 1), encode_numbers(Kind.LOOK, 7)
LAST = encode_numbers(Kind.PING, 2, 2)


@pytest.fixture
def port() -> int:
    """Where the node listens that the proxy stands before."""
    return free_port()


@pytest.fixture
def wire(port: int) -> Iterator[Proxy]:
    """Stands before the liveness socket of a node."""
    with Proxy(port, is_wire=True) as opened:
        yield opened


def passed(wire: Proxy, port: int, *pieces: bytes) -> list[Frame]:
    """Send `pieces` through the proxy; return the frames that arrive until its end has closed."""
    decoder, frames = Decoder(), list[Frame]()
    with socket.create_server(("127.0.0.1", port)) as node:
        with socket.create_connection(("127.0.0.1", wire.port)) as caller:
            for piece in pieces:
                caller.sendall(piece)
        incoming, _ = node.accept()
        with incoming:
            while piece := incoming.recv(1024):
                decoder.feed(piece)
                while frame := decoder.take(set(Kind)):
                    frames.append(frame)
    return frames


def kinds(frames: list[Frame]) -> list[Kind]:
    return [frame.kind for frame in frames]


def test_without_a_fault_frames_pass_whole_and_in_order_however_they_are_cut(wire: Proxy, port: int) -> None:
    sent = PING + LOOK + LAST
    assert kinds(passed(wire, port, sent[:5], sent[5:25], sent[25:])) == [Kind.PING, Kind.LOOK, Kind.PING]
    assert wire.counts["LOOKs passed"] == 1


@pytest.mark.parametrize(("fate", "copies"), [("dropped", 0), ("doubled", 2)])
def test_a_look_is_dropped_or_doubled_and_nothing_else_is(
    wire: Proxy, port: int, fate: str, copies: int
) -> None:
    wire.disturb_looks([fate])
    found = kinds(passed(wire, port, PING + LOOK + LAST))
    assert found.count(Kind.LOOK) == copies
    assert found.count(Kind.PING) == 2
    assert wire.counts[f"LOOKs {fate}"] == 1


def test_a_delayed_look_comes_with_later_bytes(wire: Proxy, port: int) -> None:
    wire.disturb_looks(["delayed"])
    with (
        socket.create_server(("127.0.0.1", port)) as node,
        socket.create_connection(("127.0.0.1", wire.port)) as caller,
    ):
        caller.sendall(LOOK + PING)
        incoming, _ = node.accept()
        decoder = Decoder()
        with incoming:
            seen: list[Kind] = []

            def look_came() -> bool:
                caller.sendall(PING)
                decoder.feed(incoming.recv(1024))
                while frame := decoder.take(set(Kind)):
                    seen.append(frame.kind)
                return Kind.LOOK in seen

            wait_until(look_came, "the delayed LOOK")
    assert seen[0] is Kind.PING, "it was overtaken"


def test_where_nobody_listens_the_proxy_refuses_and_lets_in_again_when_somebody_does(
    wire: Proxy, port: int
) -> None:
    assert not _is_let_in(wire, b"nobody is there yet")
    wait_until(lambda: _is_refused(wire), "a refusal")
    with socket.create_server(("127.0.0.1", port)):
        wait_until(lambda: not _is_refused(wire), "an open port")


def test_a_healed_proxy_does_not_speak_for_a_node_that_is_gone(wire: Proxy) -> None:
    assert not _is_let_in(wire, b"nobody is there yet")
    wait_until(lambda: _is_refused(wire), "a refusal")
    wire.refuse()
    wire.heal()
    assert _is_refused(wire)


def _is_let_in(wire: Proxy, greeting: bytes) -> bool:
    """Whether a caller is answered by anything but the end of its connection."""
    with socket.create_connection(("127.0.0.1", wire.port)) as caller:
        try:
            caller.sendall(greeting)
            return bool(caller.recv(1))
        except ConnectionError:
            return False


def _is_refused(wire: Proxy) -> bool:
    try:
        socket.create_connection(("127.0.0.1", wire.port)).close()
    except ConnectionRefusedError:
        return True
    return False
