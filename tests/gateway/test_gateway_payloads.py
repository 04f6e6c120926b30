"""Forms with files, packed payloads, values of the home's own file, and how long everything took."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.artifacts import api, call, relay, reply, resource
from gateway.back_end import BackEnd
from gateway.caller import Answer, Caller
from gateway.serving_node import ServingNode, serving
from harness import wait_until
from harness.back_end import Conversation
from harness.home import Settings

pytestmark = pytest.mark.usefixtures("leaves_nothing")

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="customer"\r\n\r\nAda\r\n'
    b'--b\r\nContent-Disposition: form-data; name="photo"; filename="ada.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n"
)
FORM_TYPE = "multipart/form-data; boundary=b"
PACKED = gzip.compress(b'{"name": "Ada"}')
WATCHED: Settings = {
    "system.parameter": {"enableCorrelationLogs": "true"},
    "transport.http": {"enable_message_size_validation": True, "max_message_size_bytes": 200_000},
    "transport.http.sender": {"warn_on_http_500": "text/plain"},
}

AS_FORM = '<property name="messageType" scope="axis2" value="multipart/form-data"/>'
ETAG = '<property name="HTTP_ETAG" scope="axis2" value="true"/>'
COUNTED = '<property name="DISABLE_CHUNKING" scope="axis2" value="true"/>'
LETTER = """<payloadFactory media-type="xml"><format>
  <form><subject>Hello</subject><letter filename="a.txt" content-type="text/plain">SGVsbG8=</letter></form>
</format><args/></payloadFactory>"""


def relay_with(name: str, property_: str, url: str) -> str:
    """Return an API that passes every request on, and sets a property before it answers."""
    return api(name, resource(call(url) + property_ + "<respond/>"))


@pytest.fixture(scope="module")
def gateway(folder: Path, lasting_back_end: BackEnd) -> Iterator[ServingNode]:
    url = lasting_back_end.url
    artifacts = {
        "form": api("form", resource(reply("$1 $2", None, "//customer", "//photo/@filename"))),
        "relay": relay("relay", url),
        "letter": api("letter", resource(LETTER + AS_FORM + call(url) + "<respond/>")),
        "retyped": api("retyped", resource(AS_FORM + call(url) + "<respond/>")),
        "name": api("name", resource(call(url) + reply("$1", None, "json-eval($.name)"))),
        "seen": api("seen", resource(call(url) + '<log level="full"/><respond/>')),
        "tagged": api("tagged", resource(ETAG + reply("tea"))),
        "tagged-relay": relay_with("tagged-relay", ETAG, url),
        "counted": relay_with("counted", COUNTED, url),
        "file": api("file", resource(reply("$1", None, "get-property('file', 'greeting')"))),
    }
    files = {"conf/file.properties": b"greeting = good morning\n"}
    with serving(folder / "node", artifacts, WATCHED, files) as started:
        yield started


async def sends_packed(talk: Conversation) -> None:
    while True:
        await talk.request()
        await talk.answer(PACKED, "Content-Type: application/json", "Content-Encoding: gzip")


def submit(gateway: ServingNode, path: str, form: bytes, *headers: str) -> Answer:
    """Send a form, as a browser does; return the answer."""
    lines = [f"POST {path} HTTP/1.1", "Host: esb.example", f"Content-Type: {FORM_TYPE}", *headers]
    head = "\r\n".join([*lines, f"Content-Length: {len(form)}", "", ""])
    with Caller(gateway.port) as caller:
        caller.send(head.encode() + form)
        return caller.answer("POST")


def test_fields_and_files_of_a_form_are_elements(gateway: ServingNode) -> None:
    assert submit(gateway, "/form", FORM).body == b"Ada ada.png"
    assert submit(gateway, "/form", FORM[:-8]).status == 400


@pytest.mark.parametrize("path", ["/relay", "/retyped"])
def test_a_form_that_nobody_changes_goes_on_as_it_came(
    gateway: ServingNode, back_end: BackEnd, path: str
) -> None:
    assert submit(gateway, path, FORM).status == 200
    [request] = back_end.requests
    assert (request.body, request.header("Content-Type")) == (FORM, FORM_TYPE)


def test_elements_go_out_as_a_form(gateway: ServingNode, back_end: BackEnd) -> None:
    with Caller(gateway.port) as caller:
        assert caller.post("/letter", b"").status == 200
    [request] = back_end.requests
    kind, _, boundary = (request.header("Content-Type") or "").partition("; boundary=")
    assert kind == "multipart/form-data"
    parts = request.body.split(b"--" + boundary.encode())
    assert [part.strip() for part in parts] == [
        b"",
        b'Content-Disposition: form-data; name="subject"\r\n\r\nHello',
        b'Content-Disposition: form-data; name="letter"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nHello",
        b"--",
    ]


def test_a_packed_answer_is_read_and_what_is_made_of_it_is_not_packed(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    back_end.script = sends_packed
    with Caller(gateway.port) as caller:
        answer = caller.get("/name")
    assert (answer.status, answer.body) == (200, b"Ada")
    assert "content-encoding" not in answer.headers


def test_a_packed_answer_that_was_only_looked_at_goes_on_packed(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    back_end.script = sends_packed
    with Caller(gateway.port) as caller:
        answer = caller.get("/seen")
    assert (answer.headers["content-encoding"], answer.body) == ("gzip", PACKED)


def test_a_packed_request_is_read(gateway: ServingNode) -> None:
    answer = submit(gateway, "/form", gzip.compress(FORM), "Content-Encoding: gzip")
    assert answer.body == b"Ada ada.png"


@pytest.mark.parametrize("path", ["/tagged", "/tagged-relay"])
def test_a_client_that_has_the_answer_gets_none(gateway: ServingNode, back_end: BackEnd, path: str) -> None:
    with Caller(gateway.port) as caller:
        first = caller.get(path)
        assert (first.status, len(first.body) > 0) == (200, True)
        tag = first.headers["etag"]
        caller.send(f"GET {path} HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n".encode())
        again = caller.answer()
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        caller.send(f'GET {path} HTTP/1.1\r\nHost: a\r\nIf-None-Match: "old"\r\n\r\n'.encode())
        assert caller.answer().body == first.body


def test_an_answer_in_chunks_can_be_counted_before_it_is_sent(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    async def in_chunks(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(10):
            await talk.send(b"2710\r\n" + bytes(10_000) + b"\r\n")
        await talk.send(b"0\r\n\r\n")

    back_end.script = in_chunks
    with Caller(gateway.port) as caller:
        answer = caller.get("/counted")
    assert (answer.headers.get("content-length"), answer.body) == ("100000", bytes(100_000))


def test_values_of_the_properties_file_are_there_and_follow_its_changes(gateway: ServingNode) -> None:
    with Caller(gateway.port) as caller:
        assert caller.get("/file").body == b"good morning"
        (gateway.home.root / "conf/file.properties").write_text("greeting = good evening\n")
        wait_until(lambda: caller.get("/file").body == b"good evening", lambda: "the new greeting")


def test_an_answer_that_is_too_large_becomes_a_502(gateway: ServingNode, back_end: BackEnd) -> None:
    async def too_much(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(bytes(200_001))

    back_end.script = too_much
    with Caller(gateway.port) as caller:
        answer = caller.get("/relay")
    assert (answer.status, answer.body) == (502, b"")


def test_a_server_error_of_a_back_end_is_told(gateway: ServingNode, back_end: BackEnd) -> None:
    async def fails(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(b"sorry", "Content-Type: text/plain", status="500 Oh no")

    back_end.script = fails
    known = len(gateway.node.log())
    with Caller(gateway.port) as caller:
        assert caller.get("/relay/here").status == 500
    gateway.wait_logged_after(known, "WARN", f"500 Oh no of GET {back_end.url}/here")


def test_request_and_call_are_timed_and_followed_under_one_id(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    with Caller(gateway.port) as caller:
        assert caller.post("/relay?a=b", b"order", "activityid: c-77").status == 200
    log = gateway.home.root / "repository/logs/correlation.log"

    def found() -> list[dict[str, object]]:
        lines = log.read_text().splitlines() if log.exists() else []
        return [entry for line in lines if (entry := json.loads(line))["correlation_id"] == "c-77"]

    states = ["REQUEST_HEAD", "REQUEST_DONE", "RESPONSE_HEAD", "RESPONSE_DONE"]
    wait_until(lambda: len(found()) >= 2 + 2 * len(states), lambda: "the lines of a request and its call")
    of_client = [
        line["state"] for line in found() if str(line.get("connection")).startswith("http-incoming-")
    ]
    of_call = [line["state"] for line in found() if str(line.get("connection")).startswith("http-outgoing-")]
    assert (of_client[:4], of_call[:4]) == (states, states)
    call_, round_trip = (line for line in found() if "state" not in line)
    assert (call_["kind"], round_trip["kind"]) == ("BACKEND LATENCY", "ROUND-TRIP LATENCY")
    assert (call_["status"], round_trip["status"]) == (200, 200)
    assert (call_["url"], round_trip["url"]) == (f"{back_end.url}?a=b", "/relay?a=b")
