"""What a client gets: statuses, dispatch and headers, asked with curl."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gateway.artifacts import api, call, relay, reply, resource
from gateway.back_end import BackEnd
from gateway.serving_node import ServingNode, serving
from harness.back_end import Conversation
from harness.waiting import LIMIT

pytestmark = pytest.mark.usefixtures("leaves_nothing")

SHOP = "https://shop.example"
ORIGINS = {"mediation.synapse": {"rest_cors_allow_origin": SHOP}}

ORDERS = api(
    "orders",
    resource(reply("mapped"), url_mapping="/new", methods="POST"),
    resource(reply("below"), url_mapping="/archive/*", methods="GET"),
    resource(reply("one $1", 200, "get-property('uri.var.id')"), uri_template="/{id}", methods="GET HEAD"),
    resource(reply("taken", 201), uri_template="/{id}/lines/{line}", methods="PUT"),
)


@pytest.fixture(scope="module")
def gateway(folder: Path, lasting_back_end: BackEnd) -> Iterator[ServingNode]:
    artifacts = {
        "orders": ORDERS,
        "silent": api("silent", resource("<drop/>")),
        "empty": api("empty", resource('<property name="seen" value="yes"/>')),
        "teapot": api("teapot", resource(reply("short and stout", 418))),
        "broken": api("broken", resource('<sequence key="nowhere"/>')),
        "hopeless": api("hopeless", resource('<sequence key="nowhere"/>', fault='<sequence key="gone"/>')),
        "unreachable": api(
            "unreachable", resource(call("http://127.0.0.1:1"), fault='<sequence key="gone"/>')
        ),
        "relay": relay("relay", lasting_back_end.url),
    }
    with serving(folder / "node", artifacts, ORIGINS) as started:
        yield started


@dataclass(frozen=True)
class Got:
    """What curl has got."""

    status: int
    headers: dict[str, str]
    body: str


def curl(gateway: ServingNode, path: str, *words: str) -> Got:
    """Ask with curl, as somebody at a terminal would."""
    options = ["--silent", "--show-error", "--include", "--path-as-is", "--max-time", str(LIMIT)]
    command = ["curl", *options, *words, f"http://127.0.0.1:{gateway.port}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Got(int(first.split()[1]), headers, body)


@pytest.mark.parametrize(
    ("path", "words", "status", "body"),
    [
        ("/nope", (), 404, ""),
        ("/", (), 404, ""),
        ("/silent", (), 202, ""),
        ("/silent", ("--data", "order"), 202, ""),
        ("/empty", (), 202, ""),
        ("/teapot", (), 418, "short and stout"),
        ("/broken", (), 500, ""),
        ("/hopeless", (), 500, ""),
        ("/unreachable", (), 500, ""),
    ],
)
def test_a_client_gets_the_status_of_what_became_of_its_request(
    gateway: ServingNode, path: str, words: tuple[str, ...], status: int, body: str
) -> None:
    got = curl(gateway, path, *words)
    assert (got.status, got.body) == (status, body)
    assert got.headers["content-length"] == str(len(body))


def test_a_fault_sequence_that_fails_names_both_errors_in_the_log(gateway: ServingNode) -> None:
    known = len(gateway.node.log())
    assert curl(gateway, "/hopeless").status == 500
    gateway.wait_logged_after(known, "ERROR", "Sequence named nowhere cannot be found (at api:hopeless/")
    gateway.wait_logged_after(known, "ERROR", "Sequence named gone cannot be found (at api:hopeless/")


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/orders/7", 200, "one 7"),
        ("GET", "/orders/7/", 200, "one 7"),
        ("GET", "/orders/a%20b", 200, "one a b"),
        ("GET", "/orders/7?detail=full", 200, "one 7"),
        ("POST", "/orders/new", 200, "mapped"),
        ("GET", "/orders/archive/2024/05", 200, "below"),
        ("PUT", "/orders/7/lines/2", 201, "taken"),
        ("GET", "/orders", 404, ""),
        ("GET", "/orders/7/lines", 404, ""),
        ("GET", "/ordersandmore", 404, ""),
        ("GET", "/Orders/7", 404, ""),
    ],
)
def test_a_path_and_a_method_choose_the_resource(
    gateway: ServingNode, method: str, path: str, status: int, body: str
) -> None:
    got = curl(gateway, path, "--request", method)
    assert (got.status, got.body) == (status, body)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/orders/7", {"GET", "HEAD"}),
        ("PATCH", "/orders/7/lines/2", {"PUT"}),
        ("DELETE", "/orders/archive/x", {"GET"}),
    ],
)
def test_another_method_is_refused_with_those_that_are_allowed(
    gateway: ServingNode, method: str, path: str, allowed: set[str]
) -> None:
    got = curl(gateway, path, "--request", method)
    assert (got.status, got.body) == (405, "")
    assert {name.strip() for name in got.headers["allow"].split(",")} >= allowed


def test_options_tells_the_methods_of_a_path(gateway: ServingNode) -> None:
    got = curl(gateway, "/orders/7/lines/2", "--request", "OPTIONS")
    assert (got.status, got.headers["allow"], got.body) == (200, "PUT", "")


def test_a_page_of_an_origin_that_is_not_listed_may_not_ask(gateway: ServingNode) -> None:
    asked = ("--request", "OPTIONS", "--header", "Access-Control-Request-Method: GET", "--header")
    assert curl(gateway, "/orders/7", *asked, "Origin: https://evil.example").status == 403
    allowed = curl(gateway, "/orders/7", *asked, f"Origin: {SHOP}")
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, SHOP)


def test_head_gets_the_head_of_an_answer_and_nothing_else(gateway: ServingNode) -> None:
    got = curl(gateway, "/orders/7", "--head")
    assert (got.status, got.headers["content-length"], got.body) == (200, "5", "")


def test_the_correlation_id_of_a_request_goes_to_the_back_end_and_comes_back(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    got = curl(gateway, "/relay", "--header", "activityid: order-4711")
    assert got.headers["activityid"] == "order-4711"
    assert back_end.requests[0].header("activityid") == "order-4711"
    made = curl(gateway, "/relay").headers["activityid"]
    assert made not in {"", "order-4711"}
    assert back_end.requests[1].header("activityid") == made


def test_a_back_end_is_not_told_what_belongs_to_the_connection_of_the_client(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    words = ("--header", "Connection: X-Private", "--header", "X-Private: yes", "--header", "X-Kept: yes")
    curl(gateway, "/relay", *words, "--header", "TE: trailers")
    [seen] = back_end.requests
    assert (seen.header("X-Kept"), seen.header("X-Private"), seen.header("TE")) == ("yes", None, None)
    assert seen.header("Host") == back_end.url.removeprefix("http://")


def test_every_status_of_a_back_end_is_an_answer(gateway: ServingNode, back_end: BackEnd) -> None:
    async def answers(talk: Conversation) -> None:
        asked = await talk.request()
        status = asked.target.rpartition("/")[2]
        await talk.answer(b"", "Location: http://elsewhere.example/x", status=f"{status} Whatever")

    back_end.script = answers
    for status in (200, 201, 302, 401, 404, 429, 500, 503):
        assert curl(gateway, f"/relay/{status}").status == status
