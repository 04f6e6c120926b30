"""Artifacts and certificates are replaced while clients ask: nobody notices but by what they get."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.artifacts import api, call, reply, resource
from gateway.back_end import BackEnd
from gateway.caller import Answer, Caller
from gateway.certificates import as_der, self_signed, trusting
from gateway.load import Load
from gateway.serving_node import SECURED, ServingNode, serving
from harness.certificates import serving_with

pytestmark = pytest.mark.usefixtures("leaves_nothing")

FIRST, SECOND, EXPIRED = self_signed(), self_signed(), self_signed(days_left=-1)
STORE, TRUSTED = "conf/listener.pem", "conf/trusted.pem"
SETTINGS = {
    **SECURED,
    "transport.http.listener.keystore": {"file_name": STORE},
    "transport.http.listener.ssl_profile": {"read_interval": 1000},
    "transport.http.sender.truststore": {"file_name": TRUSTED},
}


@pytest.fixture(scope="module")
def expired(folder: Path) -> Iterator[BackEnd]:
    """A back end whose certificate is trusted, but has expired."""
    pem = folder / "expired.pem"
    pem.write_bytes(EXPIRED)
    with BackEnd(tls=serving_with(pem)) as opened:
        yield opened


@pytest.fixture(scope="module")
def gateway(folder: Path, lasting_back_end: BackEnd, expired: BackEnd) -> Iterator[ServingNode]:
    artifacts = {
        "orders": _release(lasting_back_end.url, 0),
        "expired": api("expired", resource(call(expired.url) + "<respond/>")),
    }
    with serving(folder / "node", artifacts, SETTINGS, {STORE: FIRST, TRUSTED: EXPIRED}) as started:
        yield started


def test_a_redeployment_under_load_costs_no_request(gateway: ServingNode, back_end: BackEnd) -> None:
    with Load(lambda: Caller(gateway.port), _order, b"ok") as load:
        for number in range(1, 11):
            load.wait_for_more(20)
            gateway.deploy("orders", _release(back_end.url, number))
        load.wait_for_more(20)
    assert load.failures == {}
    releases = [int(request.header("X-Release") or -1) for request in back_end.requests]
    assert set(releases) == set(range(11))


def test_an_undeployment_under_load_fails_nobody_who_was_let_in(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    gateway.deploy("passing", api("passing", resource(call(back_end.url) + "<respond/>")))
    statuses: set[int] = set()

    def ask(caller: Caller) -> Answer:
        answer = caller.get("/passing")
        statuses.add(answer.status)
        return Answer(200, answer.headers, b"") if answer.status in {200, 404} else answer

    with Load(lambda: Caller(gateway.port), ask, b"") as load:
        load.wait_for_more(50)
        gateway.home.undeploy("passing")
        gateway.node.wait_logged("API named 'passing' has been undeployed")
        load.wait_for_more(50)
    assert load.failures == {}
    assert statuses == {200, 404}


def test_a_broken_release_leaves_the_former_one_in_force(gateway: ServingNode, back_end: BackEnd) -> None:
    known = len(gateway.node.log())
    with Load(lambda: Caller(gateway.port), _order, b"ok") as load:
        load.wait_for_more(20)
        gateway.home.deploy("orders", "<api name='orders'")
        gateway.wait_logged_after(known, "ERROR", "orders.xml")
        load.wait_for_more(50)
        gateway.deploy("orders", _release(back_end.url, 99))
    assert load.failures == {}


def test_a_certificate_is_replaced_under_load_without_a_failed_request(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    trust, port = trusting(FIRST, SECOND), gateway.ports["https"]
    store = gateway.home.root / STORE
    known = len(gateway.node.log())
    with Caller(port, trust) as old, Load(lambda: Caller(port, trust), _single_order, b"ok") as load:
        assert old.get("/orders").body == b"ok"
        assert old.peer_certificate() == as_der(FIRST)
        load.wait_for_more(20)
        store.write_bytes(b"not a certificate")
        gateway.wait_logged_after(known, "ERROR", "The former certificates stay in force", str(store))
        load.wait_for_more(20)
        store.write_bytes(SECOND)
        gateway.wait_logged_after(
            known, "INFO", "The certificates of the HTTPS listener have been read again"
        )
        load.wait_for_more(20)
        assert old.get("/orders").body == b"ok"
    assert load.failures == {}
    with Caller(port, trust) as fresh:
        assert fresh.peer_certificate() == as_der(SECOND)


def test_a_back_end_whose_certificate_has_expired_is_a_502_that_says_so(gateway: ServingNode) -> None:
    known = len(gateway.node.log())
    with Caller(gateway.port) as caller:
        assert [caller.get("/expired").status for _ in range(3)] == [502] * 3
    gateway.wait_logged_after(known, "ERROR", "TLS with https://127.0.0.1:", "certificate has expired")


def _release(url: str, number: int) -> str:
    """Return an API that tells the back end which release of it is at work."""
    mark = f'<header name="X-Release" scope="transport" value="{number}"/>'
    fault = reply("failed", 500)
    return api("orders", resource(mark + call(url) + "<respond/>", fault))


def _order(caller: Caller) -> Answer:
    return caller.post("/orders", b"an order of 1 KB".ljust(1024))


def _single_order(caller: Caller) -> Answer:
    return caller.post("/orders", b"an order", "Connection: close")
