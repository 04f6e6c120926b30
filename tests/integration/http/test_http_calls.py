"""<call> and <send>: messages go to a real back end, and responses take their place."""

import asyncio
from collections.abc import Callable

import pytest
from harness.back_end import LIMIT, Backend, Conversation, Script
from integration.http.calls import address, call, called, engine, http
from servers.ports import free_port
from unit.synapse.synapse_lab import SYNAPSE, Answers, fire, json_body, sequence, xml_body

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Body, Entry, LeaseLost, Surroundings

HANDLER = sequence('<property name="handled" value="yes"/>', "handler")


def answers(body: bytes, *fields: str, status: str = "200 OK") -> Script:
    async def script(talk: Conversation) -> None:
        while True:
            await talk.request()
            await talk.answer(body, *fields, status=status)

    return script


JSON = answers(b'{"state": "paid"}', "Content-Type: application/json", "X-Backend: 1")


async def hangs(talk: Conversation) -> None:
    await talk.request()
    await talk.gone()


async def test_the_response_of_a_call_takes_the_place_of_payload_and_headers() -> None:
    body = xml_body("<order><id>7</id></order>")
    properties = {"uri.var.id": "7 a/b", "kept": "yes"}
    async with Backend(JSON) as backend:
        trial = await called(
            call(http(f"{backend.url}/orders/{{uri.var.id}}", method="post"))
            + '<property name="seen" expression="json-eval($.state)"/>',
            body,
            properties=properties,
        )
    [received] = backend.requests
    assert (received.method, received.target) == ("POST", "/orders/7%20a%2Fb")
    assert (received.body, received.header("Content-Type")) == (
        b"<order><id>7</id></order>",
        "application/xml",
    )
    message = trial.message
    assert (trial.properties["seen"], trial.properties["kept"]) == ("paid", "yes")
    assert (message.headers["X-Backend"], message.is_response) == ("1", False)
    assert message.to == "http://www.w3.org/2005/08/addressing/anonymous"
    axis2 = message.properties.scope("axis2")
    assert {name: axis2.get(name) for name in ("HTTP_SC", "HTTP_SC_DESC", "messageType")} == {
        "HTTP_SC": 200,
        "HTTP_SC_DESC": "OK",
        "messageType": "application/json",
    }


async def test_a_payload_made_here_goes_to_an_http_endpoint_without_an_envelope() -> None:
    make = '<payloadFactory media-type="xml"><format><order xmlns="">1</order></format></payloadFactory>'
    async with Backend() as backend:
        await called(make + call(http(backend.url, method="put")))
    [received] = backend.requests
    assert (received.method, received.body) == ("PUT", b"<order>1</order>")
    assert received.header("Content-Type") == "application/xml"
    assert received.header("SOAPAction") is None


@pytest.mark.parametrize(
    ("form", "content_type", "beginning"),
    [
        (
            "soap11",
            "text/xml; charset=UTF-8",
            b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"',
        ),
        (
            "soap12",
            "application/soap+xml; charset=UTF-8",
            b'<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/',
        ),
        ("pox", "application/xml; charset=UTF-8", b"<a>"),
        ("rest", "application/json", b'{"a": 1}'),
    ],
)
async def test_an_address_endpoint_brings_a_message_into_its_form(
    form: str, content_type: str, beginning: bytes
) -> None:
    async with Backend() as backend:
        await called(call(address(backend.url, attributes=f'format="{form}"')), json_body('{"a": 1}'))
    [received] = backend.requests
    assert (received.method, received.header("Content-Type")) == ("POST", content_type)
    assert received.body.startswith(beginning) or beginning in received.body
    assert received.header("SOAPAction") == ('""' if form == "soap11" else None)


async def test_format_get_makes_a_query_of_the_payload() -> None:
    async with Backend() as backend:
        await called(
            call(address(f"{backend.url}/find?all=1", attributes='format="get"')),
            xml_body("<q><a>x y</a><b>2</b></q>"),
        )
    [received] = backend.requests
    assert (received.method, received.target, received.body) == ("GET", "/find?all=1&a=x+y&b=2", b"")
    assert received.header("Content-Type") is None


async def test_properties_of_the_message_and_of_the_endpoint_steer_the_request() -> None:
    endpoint = (
        f"<endpoint>{address(f'{backend_url_placeholder}/base?k=1')}"
        '<property name="X-From" value="endpoint" scope="transport"/>'
        '<property name="HTTP_METHOD" value="PATCH" scope="axis2"/></endpoint>'
    )
    async with Backend() as backend:
        await called(
            f"<call>{endpoint.replace(backend_url_placeholder, backend.url)}</call>",
            axis2={"REST_URL_POSTFIX": "/more?x=2", "DISABLE_CHUNKING": "true", "NO_ENTITY_BODY": True},
        )
    [received] = backend.requests
    assert (received.method, received.target) == ("PATCH", "/base/more?k=1&x=2")
    assert (received.header("X-From"), received.body) == ("endpoint", b"")


backend_url_placeholder = "http://placeholder"


async def test_a_request_without_a_body_announces_no_type_either() -> None:
    bodiless = '<property name="NO_ENTITY_BODY" scope="axis2" value="true"/>'
    async with Backend(JSON) as backend:
        await called(call(http(backend.url)) + bodiless + call(http(backend.url)))
    assert backend.requests[1].header("X-Backend") == "1"
    assert backend.requests[1].header("Content-Type") is None


async def test_a_call_without_an_endpoint_goes_to_the_to_address() -> None:
    async with Backend() as backend:
        trial = await called("<call/>", xml_body("<a/>"), to=f"{backend.url}/there")
        assert [received.target for received in backend.requests] == ["/there"]
        nowhere = await called("<call/><call/>", xml_body("<a/>"), to=f"{backend.url}/there")
    assert trial.outcome.state == "completed"
    assert "has no To address" in nowhere.error


async def test_an_endpoint_is_found_by_its_key() -> None:
    async with Backend(JSON) as backend:
        named = (
            f'<endpoint xmlns="http://ws.apache.org/ns/synapse" name="Billing">{http(backend.url)}</endpoint>'
        )
        alias = '<endpoint xmlns="http://ws.apache.org/ns/synapse" name="Alias" key="Billing"/>'
        trial = await called(
            '<call><endpoint key="Billing"/></call><call><endpoint key="Alias"/></call>'
            "<call><endpoint key-expression=\"get-property('which')\"/></call>",
            properties={"which": "Billing"},
            others=[named, alias],
        )
    assert (trial.outcome.state, len(backend.requests)) == ("completed", 3)


async def test_an_endpoint_that_is_not_deployed_is_a_fault() -> None:
    circle = '<endpoint xmlns="http://ws.apache.org/ns/synapse" name="A" key="A"/>'
    missing = await called('<call><endpoint key="Nowhere"/></call>')
    round_and_round = await called('<call><endpoint key="A"/></call>', others=[circle])
    assert missing.error == "Couldn't find the endpoint with the key : Nowhere"
    assert missing.properties["ERROR_CODE"] == 305100
    assert "leads to itself" in round_and_round.error


async def test_basic_authentication_is_sent_and_not_kept_in_the_message() -> None:
    secret = (
        "<authentication><basicAuth><username>{get-property('user')}</username><password>pa:ss</password></basicAuth>"
        "</authentication>"
    )
    async with Backend() as backend:
        trial = await called(call(http(backend.url, secret)), properties={"user": "ada"})
    assert backend.requests[0].header("Authorization") == "Basic YWRhOnBhOnNz"
    assert "Authorization" not in trial.message.headers


async def test_a_status_of_any_kind_is_a_response() -> None:
    async with Backend(answers(b"", status="503 Busy")) as backend:
        trial = await called(
            call(http(backend.url))
            + "<property name=\"status\" expression=\"get-property('axis2','HTTP_SC')\"/>"
        )
    assert (trial.outcome.state, trial.properties["status"]) == ("completed", "503")


@pytest.mark.parametrize(
    ("axis2", "state"),
    [
        ({}, "faulted"),
        ({"non.error.http.status.codes": "404, 500"}, "completed"),
        ({"non.error.http.status.codes": "404", "error.http.status.codes": "404"}, "faulted"),
    ],
)
async def test_a_blocking_call_takes_error_statuses_for_faults(axis2: dict[str, object], state: str) -> None:
    async with Backend(answers(b"none", status="404 Not Found")) as backend:
        trial = await called(call(http(backend.url), attributes='blocking="true"'), axis2=axis2)
    assert trial.outcome.state == state
    if state == "faulted":
        assert trial.error == "Transport error: 404 Error: Not Found"
        assert (trial.properties["ERROR_CODE"], trial.properties["blocking.sender.error"]) == (401002, True)
        assert trial.message.properties.get("HTTP_SC", "axis2") == 404


async def test_source_and_target_leave_the_message_as_it_was() -> None:
    inside = (
        '<source type="inline" contentType="application/json">{"ask": 1}</source>'
        '<target type="variable">answer</target>'
    )
    async with Backend(JSON) as backend:
        trial = await called(
            '<property name="X-Mine" value="1" scope="transport"/>'
            + call(http(backend.url, method="post"), inside),
            xml_body("<order/>"),
        )
    [received] = backend.requests
    assert (received.body, received.header("Content-Type")) == (b'{"ask": 1}', "application/json")
    assert trial.message.variables["answer"] == {
        "payload": {"state": "paid"},
        "headers": {"Content-Type": "application/json", "X-Backend": "1", "Content-Length": "17"},
        "attributes": {"statusCode": 200, "reasonPhrase": "OK"},
    }
    assert trial.payload() == "<order></order>"
    assert dict(trial.message.headers) == {"X-Mine": "1"}
    assert trial.message.body.content_type == "application/xml"


@pytest.mark.parametrize(
    ("source", "sent", "content_type"),
    [
        ("<source type='custom'>json-eval($.a)</source>", b'{"b":[1,2]}', "application/json; charset=UTF-8"),
        ("<source>{get-property('text')}</source>", b"plain", "text/plain; charset=UTF-8"),
        ("<source type='property' contentType='text/csv'>text</source>", b"plain", "text/csv"),
        (
            "<source type='inline' contentType='text/plain; charset=ISO-8859-1'>\u00e9</source>",
            b"\xe9",
            "text/plain; charset=ISO-8859-1",
        ),
        ("<source type='inline'><x xmlns=''/></source>", b"<x/>", "application/xml; charset=UTF-8"),
        ("<source type='body'/>", b'{"a": {"b": [1, 2]}}', "application/json"),
    ],
)
async def test_what_a_call_sends_can_come_from_elsewhere(source: str, sent: bytes, content_type: str) -> None:
    async with Backend() as backend:
        await called(
            call(http(backend.url, method="post"), source),
            json_body('{"a": {"b": [1, 2]}}'),
            properties={"text": "plain"},
        )
    [received] = backend.requests
    assert (received.body, received.header("Content-Type")) == (sent, content_type)


async def test_a_target_property_holds_the_payload_of_the_response() -> None:
    async with Backend(answers(b"<paid/>", "Content-Type: application/xml")) as backend:
        trial = await called(
            call(http(backend.url), "<target type='property'>{get-property('where')}</target>")
            + '<property name="text" expression="$ctx:there"/>',
            json_body("{}"),
            properties={"where": "there"},
        )
    assert getattr(trial.properties["there"], "tag", None) == "paid"


async def test_a_refused_connection_runs_the_fault_sequence_with_everything_that_is_known() -> None:
    port = free_port()
    trial = await called(call(http(f"http://127.0.0.1:{port}")), xml_body("<kept/>"))
    assert trial.outcome.state == "faulted"
    wanted = {
        "ERROR_CODE": 101503,
        "BASE_ERROR_CODE": 101503,
        "PROTOCOL_STATE_ON_FAILURE": 0,
        "SENDING_FAULT": True,
    }
    assert {name: trial.properties.get(name) for name in wanted} == wanted
    assert str(trial.properties["ERROR_MESSAGE"]).startswith("Error connecting to the back end")
    assert trial.payload() == "<kept></kept>"


async def test_an_answer_that_breaks_off_while_it_is_read_is_a_failure_of_its_call() -> None:
    async def breaks_off(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")

    async with Backend(breaks_off) as backend:
        trial = await called(
            call(http(backend.url)) + '<property name="a" expression="json-eval($.a)"/>', others=[HANDLER]
        )
    names = ("ERROR_CODE", "BASE_ERROR_CODE", "PROTOCOL_STATE_ON_FAILURE", "SENDING_FAULT")
    assert [trial.properties.get(name) for name in names] == [101505, 101505, 5, True]


async def test_an_error_after_that_of_a_call_is_not_told_with_what_belonged_to_the_call() -> None:
    inner = sequence(call(http(f"http://127.0.0.1:{free_port()}")), "inner", 'onError="broken"')
    broken = sequence('<sequence key="nowhere"/>', "broken")
    trial = await called('<sequence key="inner"/>', others=[inner, broken])
    assert trial.properties["ERROR_MESSAGE"] == "Sequence named nowhere cannot be found"
    assert not {"BASE_ERROR_CODE", "PROTOCOL_STATE_ON_FAILURE", "SENDING_FAULT"} & trial.properties.keys()


@pytest.mark.parametrize("action", ["fault", "never"])
async def test_a_time_out_runs_the_fault_sequence_on_the_message_that_was_sent(action: str) -> None:
    limit = f"<timeout><duration>200</duration><responseAction>{action}</responseAction></timeout>"
    async with Backend(hangs) as backend:
        with recorded_lines() as told:
            trial = await called(call(http(backend.url, limit, "post")), xml_body("<kept/>"))
        await backend.all_gone(1)
    assert (trial.properties["ERROR_CODE"], trial.properties["ERROR_MESSAGE"]) == (101504, "Send timeout")
    assert (trial.properties["PROTOCOL_STATE_ON_FAILURE"], trial.payload()) == (3, "<kept></kept>")
    expiry = (
        f"Expiring message ID : {trial.message.id}; dropping message after ENDPOINT_TIMEOUT of : 0.2 seconds for "
        f"Endpoint [sequence:tried/1/endpoint], URI : {backend.url}"
    )
    assert told.texts().count(expiry) == 1


async def test_a_time_out_that_is_to_be_discarded_ends_the_flow_without_a_fault() -> None:
    limit = "<timeout><duration>100</duration><responseAction>discard</responseAction></timeout>"
    reply = Answers()
    async with Backend(hangs) as backend:
        trial = await called(
            call(http(backend.url, limit)) + '<property name="after" value="yes"/>',
            reply=reply,
            others=[HANDLER],
        )
    assert trial.outcome.state == "completed"
    assert not {"after", "ERROR_CODE"} & set(trial.properties)
    assert reply.given == [(504, {}, b"")]


async def test_without_a_limit_of_its_own_an_endpoint_has_that_of_the_engine() -> None:
    async with Backend(hangs) as backend:
        with recorded_lines() as told:
            trial = await called(call(http(backend.url)), surroundings=Surroundings(call_time_limit=0.1))
    assert trial.properties["ERROR_CODE"] == 101504
    assert "GLOBAL_TIMEOUT of : 0.1 seconds" in "\n".join(told.texts())


async def test_silence_on_the_socket_is_told_as_what_it_is() -> None:
    async with Backend(hangs) as backend:
        with recorded_lines() as told:
            await called(call(http(backend.url)), socket_timeout=0.5)
    assert "HTTP_CONNECTION_TIMEOUT of : 0.5" in "\n".join(told.texts())


async def closes_unanswered(talk: Conversation) -> None:
    await talk.request()


@pytest.mark.parametrize(
    ("adds_state", "code"), [(False, 101505), (True, 101508)], ids=["usual", "reference"]
)
async def test_the_code_of_a_failure_has_its_state_added_for_those_who_count_on_it(
    adds_state: bool, code: int
) -> None:
    surroundings = Surroundings(adds_state_to_code=adds_state)
    async with Backend(closes_unanswered) as backend:
        trial = await called(call(http(backend.url)), surroundings=surroundings)
    found = (trial.properties["ERROR_CODE"], trial.properties["BASE_ERROR_CODE"])
    assert (found, trial.properties["PROTOCOL_STATE_ON_FAILURE"]) == ((code, 101505), 3)


async def test_a_time_out_has_its_code_with_and_without_states() -> None:
    limit = "<timeout><duration>100</duration></timeout>"
    async with Backend(hangs) as backend:
        trial = await called(
            call(http(backend.url, limit)), surroundings=Surroundings(adds_state_to_code=True)
        )
    assert trial.properties["ERROR_CODE"] == 101504


async def test_a_location_that_leads_to_us_leaves_what_the_back_end_wrote_in_a_property() -> None:
    moved = answers(b"", "Location: http://inside:81/a?b=1", status="202 Accepted")
    asked = '<property name="was" expression="$axis2:PRE_LOCATION_HEADER"/>'
    prefix = {"SERVICE_PREFIX": "http://front:8290/"}
    async with Backend(moved) as backend, Backend() as other:
        trial = await called(call(http(backend.url)) + asked, axis2=prefix)
        both = await called(call(http(backend.url)) + call(http(other.url)) + asked, axis2=prefix)
    assert trial.message.headers["Location"] == "http://front:8290/a?b=1"
    assert trial.properties["was"] == "http://inside:81/a?b=1"
    assert "was" not in both.properties


async def test_on_error_of_an_endpoint_handles_its_failure_and_nothing_else() -> None:
    port = free_port()
    async with Backend() as backend:
        good = f'<endpoint onError="handler">{http(backend.url)}</endpoint>'
        bad = f'<endpoint onError="handler">{http(f"http://127.0.0.1:{port}")}</endpoint>'
        handled = await called(f"<call>{bad}</call>", others=[HANDLER])
        later = await called(f'<call>{good}</call><sequence key="nowhere"/>', others=[HANDLER])
    assert (handled.outcome.state, handled.properties["handled"]) == ("completed", "yes")
    assert (later.outcome.state, "handled" in later.properties) == ("faulted", False)


async def test_a_suspended_endpoint_is_not_asked_and_asked_again_when_its_time_has_come() -> None:
    port = free_port()
    endpoint = http(
        f"http://127.0.0.1:{port}",
        "<suspendOnFailure><initialDuration>60000</initialDuration></suspendOnFailure>",
    )
    async with engine(sequence(call(endpoint))) as running:

        async def once() -> object:
            message = running.message()
            await running.inject(Entry("tried"), message)
            return message.default.get("ERROR_CODE")

        assert [await once() for _ in range(3)] == [101503, 303001, 303001]


async def test_a_message_that_chooses_a_guarded_address_suspends_nobody() -> None:
    async with Backend() as backend:
        named = f'<endpoint {SYNAPSE} name="Chosen">{http("{uri.var.url}")}</endpoint>'
        chosen = sequence('<call><endpoint key="Chosen"/></call>')
        async with engine(chosen, named) as running:
            states = []
            for url in ("http://169.254.169.254:1/", backend.url):
                message = running.message()
                message.default["uri.var.url"] = url
                states.append((await running.inject(Entry("tried"), message)).state)
    assert states == ["faulted", "completed"]


async def test_out_only_sends_and_goes_on_at_once() -> None:
    async def slowly(talk: Conversation) -> None:
        await talk.request()
        arrived.set()
        await talk.gone()

    arrived = asyncio.Event()
    async with Backend(slowly) as backend:
        steps = '<property name="OUT_ONLY" value="true"/>' + call(http(backend.url, method="post"))
        async with engine(sequence(steps + '<property name="after" value="yes"/>')) as running:
            message = running.message(xml_body("<a/>"))
            outcome = await running.inject(Entry("tried"), message)
            assert (outcome.state, message.default["after"]) == ("completed", "yes")
            async with asyncio.timeout(LIMIT):
                await arrived.wait()
    assert backend.requests[0].body == b"<a/>"


async def test_out_only_to_nobody_is_a_warning() -> None:
    steps = '<property name="OUT_ONLY" value="true"/>' + call(http(f"http://127.0.0.1:{free_port()}"))
    with recorded_lines() as told:
        async with engine(sequence(steps)) as running:
            assert (await running.inject(Entry("tried"), running.message())).state == "completed"
            async with asyncio.timeout(LIMIT):
                while not any("has not arrived: Error connecting" in text for text in told.texts()):
                    await asyncio.sleep(0)


async def test_a_soap_fault_is_an_error_only_where_the_message_says_so() -> None:
    fault = (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>x</faultcode>'
        b"<faultstring>too late</faultstring></e:Fault></e:Body></e:Envelope>"
    )
    async with Backend(answers(fault, "Content-Type: text/xml", status="500 Error")) as backend:
        plain = await called(call(http(backend.url)))
        forced = await called(call(http(backend.url)), properties={"FORCE_ERROR_ON_SOAP_FAULT": "true"})
    assert plain.outcome.state == "completed"
    assert (forced.properties["ERROR_CODE"], forced.properties["ERROR_MESSAGE"]) == (500000, "too late")
    assert str(forced.properties["ERROR_DETAIL"]).startswith(f"SOAP fault from {backend.url}")


@pytest.mark.parametrize(("blocking", "code"), [("false", 401003), ("true", 401002)])
@pytest.mark.parametrize("to", [None, "ftp://files.example/", "http://:0/"])
async def test_a_call_that_cannot_be_sent_has_a_code_of_its_own(
    to: str | None, blocking: str, code: int
) -> None:
    trial = await called(f'<call blocking="{blocking}"/>', to=to)
    assert trial.properties["ERROR_CODE"] == code


async def test_a_message_of_a_task_leaves_only_while_the_node_may_act() -> None:
    async with Backend() as backend:
        allowed = await called(call(http(backend.url)), fire=fire(may_act=True))
        lost = await called(call(http(backend.url)), fire=fire(may_act=False), others=[HANDLER])
    assert (allowed.outcome.state, lost.outcome.state) == ("completed", "faulted")
    assert isinstance(lost.outcome.error, LeaseLost)
    assert len(backend.requests) == 1


async def test_a_template_that_gives_no_url_is_a_fault_that_names_what_is_missing() -> None:
    trial = await called(call(http("{uri.var.target}")))
    assert trial.properties["ERROR_CODE"] == 303001
    assert trial.error.startswith("URI template expansion failed: '{uri.var.target}' becomes ''")
    assert trial.error.endswith("without a value: uri.var.target")


async def test_a_message_may_name_the_whole_url() -> None:
    async with Backend() as backend:
        await called(
            call(http("{uri.var.target}")) + call(http("${vars.there}/x")),
            properties={"uri.var.target": f"{backend.url}/a?b=c"},
        )
        assert [received.target for received in backend.requests] == ["/a?b=c"]
        await called(f'<variable name="there" value="{backend.url}"/>' + call(http("${vars.there}/x")))
    assert backend.requests[1].target == "/x"


def ends_in(name: str) -> str:
    return sequence(
        f'<property name="went" value="{name}"/>'
        "<property name='status' expression=\"get-property('axis2', 'HTTP_SC')\"/>",
        name,
    )


@pytest.mark.parametrize(("attributes", "receiver"), [("", "main"), ('receive="got"', "got")])
async def test_the_response_of_send_goes_its_own_way(attributes: str, receiver: str) -> None:
    async with Backend(JSON) as backend:
        trial = await called(
            f"<send {attributes}><endpoint>{http(backend.url)}</endpoint></send>"
            '<property name="never" value="reached"/>',
            others=[ends_in("main"), ends_in("got")],
        )
    assert (trial.properties["went"], trial.properties["status"]) == (receiver, "200")
    assert "never" not in trial.properties
    assert trial.message.is_response


async def test_the_response_of_send_goes_back_to_whoever_waits() -> None:
    reply = Answers()
    async with Backend(JSON) as backend:
        await called(f"<send><endpoint>{http(backend.url)}</endpoint></send>", reply=reply)
    [(status, headers, body)] = reply.given
    assert (status, headers["Content-Type"], body) == (200, "application/json", b'{"state": "paid"}')


async def test_send_without_an_endpoint_answers_with_a_response_and_sends_a_request_to_its_address() -> None:
    reply = Answers()
    async with Backend(JSON) as backend:
        await called(
            f'<send receive="back"><endpoint>{http(backend.url)}</endpoint></send>',
            others=[sequence("<send/>", "back")],
            reply=reply,
        )
        await called("<send/>", xml_body("<a/>"), to=f"{backend.url}/to", others=[ends_in("main")])
    assert reply.given[0][2] == b'{"state": "paid"}'
    assert backend.requests[1].target == "/to"


async def test_bytes_that_nobody_looked_at_are_passed_on_as_they_came() -> None:
    odd = b'{ "a":1.10,\n"b" : "\\u00e4" }'
    async with Backend(answers(odd, "Content-Type: application/json; charset=utf-8")) as backend:
        await called(call(http(backend.url)) + call(http(backend.url, method="post")))
    assert backend.requests[1].body == odd
    assert backend.requests[1].header("Content-Type") == "application/json; charset=utf-8"


@pytest.mark.parametrize("make", [json_body, lambda text: Body.of_bytes(text.encode(), "application/json")])
async def test_many_calls_at_once_share_the_endpoint(make: Callable[[str], Body]) -> None:
    async with Backend(JSON) as backend, engine(sequence(call(http(backend.url, method="post")))) as running:
        outcomes = await asyncio.gather(
            *(
                running.inject(Entry("tried"), running.message(make(f'{{"n":{number}}}')))
                for number in range(50)
            )
        )
    assert {outcome.state for outcome in outcomes} == {"completed"}
    assert {received.body for received in backend.requests} == {
        f'{{"n":{number}}}'.encode() for number in range(50)
    }
