"""Warnings about strangers: one for each address, and no memory without limit."""

from micro_integrator.cluster.wire.complaints import Complaints
from micro_integrator.observability import recorded_lines


def test_one_address_is_complained_about_once_whatever_its_port() -> None:
    complaints = Complaints(every=600.0)
    with recorded_lines() as lines:
        for port in range(1, 50):
            complaints.handshake_failed(("10.0.0.9", port), "wrong key", is_incoming=True)
        complaints.handshake_failed(("10.0.0.8", 1), "wrong key", is_incoming=True)
    assert lines.texts() == [
        "Wire handshake with 10.0.0.9:1 failed: wrong key",
        "Wire handshake with 10.0.0.8:1 failed: wrong key",
    ]


def test_endpoints_of_one_host_are_told_apart_by_their_ports() -> None:
    complaints = Complaints(every=600.0)
    with recorded_lines() as lines:
        complaints.handshake_failed(("::1", 1), "time-out")
        complaints.handshake_failed(("::1", 2), "time-out")
        complaints.leads_to(("::1", 2), "node-2", "node-3")
    assert lines.texts() == [
        "Wire handshake with [::1]:1 failed: time-out",
        "Wire handshake with [::1]:2 failed: time-out",
        "Endpoint of member [node-2] leads to [node-3]",
    ]


def test_the_warning_comes_again_after_its_time() -> None:
    complaints = Complaints(every=0.0)
    with recorded_lines() as lines:
        complaints.closed(("10.0.0.9", 1), "node-2", "LOOK out of order")
        complaints.closed(("10.0.0.9", 1), "node-2", "LOOK out of order")
    assert len(lines.texts()) == 2


def test_a_flood_from_everywhere_is_not_remembered_without_limit() -> None:
    complaints = Complaints(every=600.0)
    addresses = [(f"10.0.{number // 250}.{number % 250}", 1) for number in range(3000)]
    with recorded_lines() as lines:
        for address in (*addresses, addresses[-1], addresses[0]):
            complaints.handshake_failed(address, "time-out")
    assert len(lines.texts()) == 3001, "the newest is remembered, the first one is not"
