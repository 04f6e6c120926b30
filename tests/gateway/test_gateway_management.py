"""The management API of a real node: on both of its listeners, and with the address of everything that it serves."""

import json
import os
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from gateway.artifacts import api, reply, resource
from gateway.serving_node import ServingNode, serving
from harness import wait_until
from harness.home import Settings
from harness.waiting import LIMIT

ADMIN = ("boss", "s3cret-of-boss")
SETTINGS: Settings = {
    "management_api": {"enable": True, "bind_address": "127.0.0.1", "protocols": "https http"},
    "mediation": {"internal_https_api_port": 0},
    "internal_apis.users": {"user.name": ADMIN[0], "user.password": ADMIN[1]},
}


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[ServingNode]:
    """A node with one API, and the management API on HTTPS and HTTP."""
    with serving(folder / "node", {"hello": api("hello", resource(reply("hello")))}, SETTINGS) as started:
        yield started


@pytest.fixture
def over_https(gateway: ServingNode) -> Iterator[httpx.Client]:
    """A caller by HTTPS who trusts the node's own certificate."""
    pem = gateway.home.root / "repository/resources/security/self-signed.pem"
    url = f"https://localhost:{gateway.ports['internal_https']}/management"
    trusted = ssl.create_default_context(cafile=pem)
    with httpx.Client(base_url=url, verify=trusted, trust_env=False, timeout=LIMIT) as client:
        yield client


@pytest.fixture
def over_http(gateway: ServingNode) -> Iterator[httpx.Client]:
    """A caller by HTTP, on the listener of the probes."""
    url = f"http://127.0.0.1:{gateway.ports['internal_http']}/management"
    with httpx.Client(base_url=url, trust_env=False, timeout=LIMIT) as client:
        yield client


def bearer(client: httpx.Client) -> Mapping[str, str]:
    answer = client.get("/login", auth=ADMIN)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['AccessToken']}"}


def test_a_token_is_good_on_both_listeners_until_it_is_given_back_to_one(
    over_https: httpx.Client, over_http: httpx.Client
) -> None:
    token = bearer(over_https)
    assert over_http.get("/apis", headers=token).json() == over_https.get("/apis", headers=token).json()
    assert over_http.get("/logout", headers=token).status_code == 200
    assert over_https.get("/apis", headers=token).status_code == 401


def test_wrong_passwords_are_counted_whichever_listener_they_come_to(
    over_https: httpx.Client, over_http: httpx.Client
) -> None:
    guesses = [over_http, over_https, over_http, over_https, over_http, over_https]
    statuses = [each.get("/login", auth=("nobody", "guess")).status_code for each in guesses]
    assert statuses == [401] * 5 + [429]


def test_an_api_is_told_with_the_address_that_answers(gateway: ServingNode, over_https: httpx.Client) -> None:
    told = over_https.get("/apis?apiName=hello", headers=bearer(over_https)).json()
    assert told["url"] == f"http://localhost:{gateway.port}/hello"
    assert httpx.get(told["url"], trust_env=False).status_code == 200


def test_the_probe_names_faulty_applications_by_their_files_until_they_are_gone(gateway: ServingNode) -> None:
    archive = gateway.home.root / "carbonapps/orders/orders_1.0.0.car"
    archive.parent.mkdir()
    archive.write_bytes(b"no archive")
    os.utime(archive, (0, 0))  # an archive that may still be on its way is waited for
    wait_until(lambda: gateway.node.probe("/healthz")[0] == 503, "the archive to be faulty")
    told = json.loads(gateway.node.probe("/healthz")[1])
    assert told["status"] == "not ready, faulty CAPPs detected"
    assert told["Faulty CAPPs"] == ["orders_1.0.0.car"]
    archive.unlink()
    wait_until(lambda: gateway.node.probe("/healthz")[0] == 200, "the node to be ready")
