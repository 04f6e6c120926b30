"""A request at an API: properties, sequences, faults, and the answers when no resource takes it."""

from dataclasses import dataclass, field

import pytest
from unit.synapse.apis.api_lab import Served, api_text, arrival, resource, served
from unit.synapse.synapse_lab import json_body, sequence

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Body, Headers, Request, Response
from micro_integrator.synapse.apis.cors import Cors

RESPOND = "<respond/>"
FAULTY = '<sequence key="missing"/>'
SEND = '<send><endpoint><address uri="http://backend/"/></endpoint></send>'


def answering(status: int) -> str:
    return f'<property name="HTTP_SC" value="{status}" scope="axis2"/><respond/>'


@dataclass
class BackEnd:
    """Answers every request with JSON."""

    requests: list[Request] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        headers = Headers([("Content-Type", "application/json")])
        return Response(203, "", headers, json_body('{"from": "backend"}'))


async def orders(
    inside: str, target: str, method: str = "GET", headers: dict[str, str] | None = None, *others: str
) -> Served:
    return await served(arrival(target, method, headers), api_text(inside), *others)


async def test_a_message_knows_where_it_came_in() -> None:
    found = await orders(resource(RESPOND, 'uri-template="/{id}"'), "/orders/7?a=x+y&b=%26")
    assert {name: value for name, value in found.properties.items() if not name.startswith("ERROR")} == {
        "SYNAPSE_REST_API": "Orders",
        "SYNAPSE_REST_API_VERSION": "",
        "SYNAPSE_REST_API_VERSION_STRATEGY": "",
        "REST_API_CONTEXT": "/orders",
        "ARTIFACT_NAME": "apiOrders",
        "SYNAPSE_RESOURCE": "api:Orders/resource",
        "rest.url.pattern": "/{id}",
        "REST_FULL_REQUEST_PATH": "/orders/7?a=x+y&b=%26",
        "REST_SUB_REQUEST_PATH": "/7?a=x+y&b=%26",
        "REST_URL_PREFIX": "http://localhost:8290",
        "REST_METHOD": "GET",
        "uri.var.id": "7",
        "query.param.a": "x y",
        "query.param.b": "&",
    }
    assert found.message.properties.get("REST_URL_POSTFIX", "axis2") == "/7?a=x+y&b=%26"


async def test_a_message_of_a_version_knows_it() -> None:
    text = api_text(resource(RESPOND), 'name="A" context="/a" version="2.0" version-type="url"')
    found = await served(arrival("/a/2.0"), text)
    names = ("SYNAPSE_REST_API", "SYNAPSE_REST_API_VERSION", "SYNAPSE_REST_API_VERSION_STRATEGY")
    assert [found.properties[name] for name in names] == ["A:v2.0", "2.0", "url"]
    assert found.properties["REST_SUB_REQUEST_PATH"] == "/"
    assert found.message.properties.get("REST_URL_POSTFIX", "axis2") == ""


async def test_lines_of_log_mediators_name_the_api() -> None:
    with recorded_lines() as lines:
        await orders(resource('<log level="custom"><property name="a" value="b"/></log>'), "/orders")
    assert any("{api:Orders}" in text for text in lines.texts())


@pytest.mark.parametrize(
    ("attributes", "label"),
    [
        ("", "{api:Orders GET /orders?a=1}"),
        ('level="custom"', "{api:Orders}"),
        ('logFullPayload="true"', "{api:Orders}"),
    ],
)
async def test_a_message_without_a_level_is_told_with_the_request_it_is_about(
    attributes: str, label: str
) -> None:
    with recorded_lines() as lines:
        await orders(resource(f"<log {attributes}><message>hi</message></log>"), "/orders?a=1")
    assert any(text.startswith(f"{label} hi") for text in lines.texts())


async def test_lines_of_other_mediators_and_of_faults_name_the_api_too() -> None:
    mediators = '<switch source="$ctx:none"><case regex="a"/></switch><sequence key="nowhere"/>'
    with recorded_lines() as told:
        await served(arrival("/orders"), api_text(resource(mediators)))
    lines = told.texts()
    assert lines[0].startswith(
        "{api:Orders} Provided character sequence for switch case condition is 'null'."
    )
    assert lines[1].startswith("{api:Orders} Sequence named nowhere cannot be found (at api:Orders/")


async def test_the_in_sequence_may_be_one_by_name() -> None:
    text = sequence(answering(418), "tea")
    found = await orders('<resource inSequence="tea"/>', "/orders", "GET", None, text)
    assert found.answer.status == 418


async def test_a_resource_without_an_in_sequence_gives_the_request_back() -> None:
    request = arrival("/orders", "POST", body=json_body('{"a":1}'))
    found = await served(request, api_text("<resource/>"))
    assert (found.answer.status, found.answer.body) == (200, b'{"a":1}')


async def test_an_in_sequence_that_does_nothing_leaves_the_answer_open() -> None:
    assert not (await orders(resource(""), "/orders")).client.is_answered


async def test_the_response_of_a_send_runs_through_the_out_sequence() -> None:
    back_end = BackEnd()
    inside = (
        f"<resource><inSequence>{SEND}</inSequence>"
        '<outSequence><property name="HTTP_SC" value="201" scope="axis2"/><send/></outSequence></resource>'
    )
    found = await served(arrival("/orders"), api_text(inside), senders={"http": back_end})
    assert (found.answer.status, found.answer.body) == (201, b'{"from": "backend"}')
    assert len(back_end.requests) == 1


async def test_the_out_sequence_may_be_one_by_name() -> None:
    text = sequence(answering(201), "back")
    inside = f'<resource outSequence="back"><inSequence>{SEND}</inSequence></resource>'
    found = await served(arrival("/orders"), api_text(inside), text, senders={"http": BackEnd()})
    assert found.answer.status == 201


async def test_without_an_out_sequence_the_response_goes_back_as_it_is() -> None:
    found = await served(arrival("/orders"), api_text(resource(SEND)), senders={"http": BackEnd()})
    assert (found.answer.status, found.answer.body) == (203, b'{"from": "backend"}')


async def test_a_receiving_sequence_goes_before_the_out_sequence() -> None:
    text = sequence(answering(202), "received")
    send = SEND.replace("<send>", '<send receive="received">')
    inside = f"<resource><inSequence>{send}</inSequence><outSequence><drop/></outSequence></resource>"
    found = await served(arrival("/orders"), api_text(inside), text, senders={"http": BackEnd()})
    assert found.answer.status == 202


async def test_a_fault_sequence_handles_errors_of_its_resource() -> None:
    inside = (
        f"<resource><inSequence>{FAULTY}</inSequence>"
        f"<faultSequence>{answering(503)}</faultSequence></resource>"
    )
    assert (await orders(inside, "/orders")).answer.status == 503


async def test_a_fault_sequence_may_be_one_by_name() -> None:
    text = sequence(answering(503), "failed")
    found = await orders(
        f'<resource faultSequence="failed"><inSequence>{FAULTY}</inSequence></resource>',
        "/orders",
        "GET",
        None,
        text,
    )
    assert found.answer.status == 503


@pytest.mark.parametrize("attribute", ["", 'faultSequence="nowhere"'])
async def test_the_default_sequence_handles_what_no_other_one_does(attribute: str) -> None:
    text = sequence(answering(500), "fault")
    inside = f"<resource {attribute}><inSequence>{FAULTY}</inSequence></resource>"
    assert (await orders(inside, "/orders", "GET", None, text)).answer.status == 500


async def test_an_illegal_escape_in_the_query_is_a_fault_of_the_resource() -> None:
    inside = (
        "<resource><inSequence><respond/></inSequence><faultSequence><respond/></faultSequence></resource>"
    )
    found = await orders(inside, "/orders?a=%zz")
    assert (found.answer.status, found.properties["ERROR_CODE"]) == (400, 400)
    assert str(found.properties["ERROR_MESSAGE"]).startswith(
        "Error processing GET request for : /orders?a=%zz due to an error in the request sent by the client: "
    )


async def test_pre_mediate_may_keep_a_request_out() -> None:
    text = sequence("<drop/>", "pre-mediate")
    assert not (await orders(resource(RESPOND), "/orders", "GET", None, text)).client.is_answered


@pytest.mark.parametrize(
    ("method", "target", "status", "headers"),
    [
        ("GET", "/orders/b", 404, {}),
        ("PUT", "/orders/a", 405, {"Allow": "GET, POST"}),
        ("OPTIONS", "/orders/a", 200, {"Allow": "GET, POST"}),
    ],
)
async def test_a_request_that_no_resource_takes_is_answered_without_a_body(
    method: str, target: str, status: int, headers: dict[str, str]
) -> None:
    found = await orders(resource(RESPOND, 'methods="GET POST" uri-template="/a"'), target, method)
    assert (found.answer.status, dict(found.answer.headers), found.answer.body) == (status, headers, b"")
    assert found.properties["SYNAPSE_REST_API"] == "Orders"


@pytest.mark.parametrize(
    ("body", "status"), [(Body(), 200), (Body.of_bytes(b"x", "text/plain"), 400)], ids=["none", "text"]
)
async def test_a_wrong_content_type_is_a_bad_request_if_there_is_a_body(body: Body, status: int) -> None:
    headers = {"Content-Type": "text/plain"} if status == 400 else {}
    request = arrival("/orders", "POST", headers, body=body)
    found = await served(request, api_text(resource(RESPOND, 'content-type="application/json"')))
    assert found.answer.status == status


@pytest.mark.parametrize(
    ("name", "method", "target"),
    [
        ("_resource_mismatch_handler_", "GET", "/orders/b"),
        ("_method_not_allowed_handler_", "PUT", "/orders/a"),
    ],
)
async def test_a_sequence_may_answer_what_no_resource_takes(name: str, method: str, target: str) -> None:
    text = sequence(answering(499), name)
    found = await orders(resource(RESPOND, 'methods="GET" uri-template="/a"'), target, method, None, text)
    assert found.answer.status == 499


@pytest.mark.parametrize(
    ("hops", "status", "left"),
    [("0", 200, "0"), ("2", 299, "1"), (None, 299, None), ("9" * 5000, 299, "9" * 5000)],
)
async def test_options_is_mediated_until_it_may_go_no_further(
    hops: str | None, status: int, left: str | None
) -> None:
    headers = {} if hops is None else {"Max-Forwards": hops}
    found = await orders(resource(answering(299), 'methods="GET OPTIONS"'), "/orders", "OPTIONS", headers)
    assert found.answer.status == status
    assert found.message.headers.get("Max-Forwards") == left


OPEN = Cors.of_settings(is_enabled=True, origins="https://a.example", headers="X-A")


async def from_page(origin: str, method: str, inside: str = "", cors: Cors = OPEN) -> Served:
    request = arrival("/orders", method, {"Origin": origin, "Access-Control-Request-Method": "POST"})
    return await served(request, api_text(inside or resource(RESPOND, 'methods="POST"')), cors=cors)


async def test_a_browser_may_ask_before_it_sends_a_request() -> None:
    found = await from_page("https://a.example", "OPTIONS")
    assert (found.answer.status, dict(found.answer.headers)) == (
        200,
        {
            "Allow": "POST",
            "Access-Control-Allow-Origin": "https://a.example",
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "X-A",
            "Vary": "Origin",
        },
    )


async def test_a_browser_is_told_when_its_page_may_not_use_the_api() -> None:
    found = await from_page("https://evil.example", "OPTIONS")
    assert (found.answer.status, dict(found.answer.headers)) == (403, {"Allow": "POST"})


async def test_a_page_sees_answers_and_refusals() -> None:
    for method, status in (("POST", 200), ("GET", 405)):
        found = await from_page("https://a.example", method)
        assert found.answer.status == status
        assert found.answer.headers["Access-Control-Allow-Origin"] == "https://a.example"


async def test_a_page_that_is_not_listed_sees_no_answer() -> None:
    found = await from_page("https://evil.example", "POST")
    assert "Access-Control-Allow-Origin" not in found.answer.headers


async def test_an_api_may_have_rules_of_its_own() -> None:
    handlers = (
        '<handlers><handler class="org.wso2.micro.integrator.security.handler.CORSRequestHandler">'
        '<property name="allowedOrigins" value="*.b.example"/></handler></handlers>'
    )
    for origin, is_seen in (("https://x.b.example", True), ("https://a.example", False)):
        found = await from_page(origin, "POST", handlers + resource(RESPOND))
        assert ("Access-Control-Allow-Origin" in found.answer.headers) is is_seen
