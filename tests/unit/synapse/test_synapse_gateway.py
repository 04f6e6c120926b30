"""What a client gets for a request, whatever becomes of its message (transports 4, mediation 7.6)."""

import asyncio
import gzip
from dataclasses import dataclass, field

import pytest
from unit.synapse.synapse_lab import SYNAPSE, Answers, Pieces, engine_with, sequence

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import (
    Arrival,
    Body,
    ChosenFormats,
    ClientCertificate,
    EndpointError,
    Engine,
    Headers,
    Request,
    Response,
    Stream,
    Surroundings,
)

JSON = "application/json"


@dataclass
class BackEnd:
    """A sender that gives one answer to everything, or one error."""

    answer: Body = field(default_factory=lambda: Body.of_bytes(b'{"state": "paid"}', JSON))
    status: int = 200
    error: Exception | None = None
    asked: list[Request] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        headers = Headers([("Content-Type", self.answer.content_type), ("X-From", "back end")])
        return Response(self.status, "", headers, self.answer)


def api(mediators: str, attributes: str = 'methods="GET POST"') -> str:
    inside = f"<inSequence>{mediators}</inSequence>"
    return f'<api {SYNAPSE} name="tried" context="/tried"><resource {attributes}>{inside}</resource></api>'


def arrival(
    target: str = "/tried", *, method: str = "POST", body: Body | None = None, **headers: str
) -> Arrival:
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if body is not None:
        fields.append(("Content-Type", body.content_type))
    return Arrival(method, target, Headers(fields), body or Body(), "http", "front", 8290, "127.0.0.1", "c-1")


async def served(engine: Engine, request: Arrival) -> Answers:
    answers = Answers()
    await engine.serve(request, answers)
    return answers


def calling(back_end: BackEnd, mediators: str, *others: str) -> Engine:
    engine = engine_with(api(mediators), *others)
    engine.senders["http"] = back_end
    return engine


ADDRESS = '<http uri-template="http://127.0.0.1:1/orders"/>'
CALL = f"<call><endpoint>{ADDRESS}</endpoint></call>"
CALL_INTO_VARIABLE = f'<call><endpoint>{ADDRESS}</endpoint><target type="variable">answer</target></call>'


async def test_a_path_without_an_artifact_is_404_without_a_body() -> None:
    answers = await served(engine_with(), arrival("/nope", body=Body.of_bytes(b"{}", JSON)))
    [(status, _, body)] = answers.given
    assert (status, body) == (404, b"")


async def test_a_soap_message_without_a_body_is_not_answered_with_an_envelope() -> None:
    envelope = (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body></e:Envelope>'
    )
    answers = await served(engine_with(), arrival("/nowhere", body=Body.of_bytes(envelope, "text/xml")))
    assert [(status, body) for status, _, body in answers.given] == [(404, b"")]


async def test_a_message_that_is_dropped_is_accepted() -> None:
    answers = await served(engine_with(api("<drop/>")), arrival())
    assert answers.given == [(202, {}, b"")]


async def test_send_gives_back_a_request_that_is_to_be_taken_for_a_response() -> None:
    mediators = '<property name="RESPONSE" value="true"/><log/><send/>'
    with recorded_lines() as lines:
        answers = await served(engine_with(api(mediators)), arrival())
    assert [given[0] for given in answers.given] == [200]
    assert "Direction: response" in lines.texts()[0]


@pytest.mark.parametrize(
    "answer",
    ["<respond/>", '<property name="NIO-ACK-Requested" value="true" scope="axis2"/>'],
    ids=["respond", "acknowledgement"],
)
async def test_a_status_that_is_none_is_no_mistake_of_the_client(answer: str) -> None:
    status = '<property name="HTTP_SC" value="fine" scope="axis2"/>'
    answers = await served(engine_with(api(f"{status}{answer}")), arrival())
    assert [given[0] for given in answers.given] == [500]


@pytest.mark.parametrize("name", ["no-such-charset", "hex"])
async def test_a_charset_that_is_none_is_no_mistake_of_the_client(name: str) -> None:
    chosen = f'<property name="CHARACTER_SET_ENCODING" value="{name}" scope="axis2"/>'
    request = arrival(body=Body.of_bytes(b"{}", JSON))
    answers = await served(engine_with(api(f"{chosen}<respond/>")), request)
    assert [given[0] for given in answers.given] == [500]


async def test_the_status_and_reason_an_artifact_sets_are_what_the_client_gets() -> None:
    teapot = '<property name="HTTP_SC" value="418" scope="axis2"/>'
    reason = '<property name="HTTP_SC_DESC" value="Short and stout" scope="axis2"/>'
    answers = await served(engine_with(api(f"{teapot}{reason}<respond/>")), arrival())
    assert [given[0] for given in answers.given] == [418]
    assert answers.reasons == ["Short and stout"]


CLOSING = '<property name="NO_KEEPALIVE" value="true" scope="axis2"/>'


@pytest.mark.parametrize(
    ("mediators", "is_last"),
    [
        (f"{CLOSING}<respond/>", True),
        (f"{CALL}{CLOSING}<respond/>", True),
        (f"{CLOSING}<drop/>", True),
        (f"{CLOSING}{CALL}<respond/>", False),
        ('<property name="NO_KEEPALIVE" value="false" scope="axis2"/><respond/>', False),
        ("<respond/>", False),
    ],
    ids=["respond", "after a call", "no answer", "of a call", "false", "not set"],
)
async def test_the_connection_of_the_client_ends_with_an_answer_where_the_message_says_so(
    mediators: str, is_last: bool
) -> None:
    answers = await served(calling(BackEnd(), mediators), arrival())
    assert answers.is_last is is_last


async def test_the_charset_of_a_request_is_not_that_of_the_answer() -> None:
    encoded = '<call><endpoint><address uri="http://127.0.0.1:1/orders" encoding="UTF-16"/></endpoint></call>'
    raw = '{"name": "Zoë"}'.encode()
    back_end = BackEnd(answer=Body.of_bytes(raw, JSON))
    [(_, headers, answered)] = (await served(calling(back_end, f"{encoded}<respond/>"), arrival())).given
    assert (headers["Content-Type"], answered) == (JSON, raw)


async def test_a_request_that_is_sent_with_its_length_does_not_make_the_answer_wait_for_its_end() -> None:
    counted = '<property name="DISABLE_CHUNKING" value="true" scope="axis2"/>'
    back_end = BackEnd(answer=Body.of_stream(Pieces([b"{}"]), JSON))
    [(_, _, answered)] = (await served(calling(back_end, f"{counted}{CALL}<respond/>"), arrival())).given
    assert not isinstance(answered, bytes)


FAULT = b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault/></e:Body></e:Envelope>'


@pytest.mark.parametrize(
    ("raw", "media_type", "status"),
    [
        (FAULT, "text/xml", 500),
        (gzip.compress(FAULT), "text/xml", 500),
        (gzip.compress(FAULT.replace(b"Fault", b"Order")), "text/xml", 200),
        (gzip.compress(FAULT), "application/json", 200),
        (gzip.compress(FAULT)[:-9], "text/xml", 200),
    ],
    ids=["plain", "packed", "packed-no-fault", "packed-other-type", "damaged"],
)
async def test_a_soap_fault_is_an_error_packed_or_not(raw: bytes, media_type: str, status: int) -> None:
    no_status = '<property name="HTTP_SC" action="remove" scope="axis2"/>'
    engine = calling(BackEnd(Body.of_bytes(raw, media_type)), f"{CALL}{no_status}<respond/>")
    [(given, _, body)] = (await served(engine, arrival())).given
    assert (given, body) == (status, raw)


async def test_a_request_that_is_sent_back_does_not_tell_who_the_client_is() -> None:
    request = arrival(
        body=Body.of_bytes(b"{}", JSON), Authorization="Bearer x", Accept="*/*", Cookie="a=1", X_Mine="kept"
    )
    [(status, headers, body)] = (await served(engine_with(api("<respond/>")), request)).given
    assert (status, headers, body) == (200, {"X-Mine": "kept", "Content-Type": JSON}, b"{}")


async def test_a_request_that_is_sent_back_after_a_call_elsewhere_does_not_tell_it_either() -> None:
    set_before = '<header name="X-Set" value="before" scope="transport"/>'
    request = arrival(
        body=Body.of_bytes(b"{}", JSON), Authorization="Bearer x", Cookie="a=1", Host="front", X_Mine="kept"
    )
    back_end = BackEnd()
    engine = calling(back_end, f"{set_before}{CALL_INTO_VARIABLE}<respond/>")
    [(status, headers, body)] = (await served(engine, request)).given
    assert (status, body) == (200, b"{}")
    assert headers == {"X-Mine": "kept", "X-Set": "before", "Content-Type": JSON}
    assert back_end.asked[0].headers["Authorization"] == "Bearer x"


async def test_nor_does_a_fault_sequence_after_that_call_has_failed() -> None:
    inside = f"<inSequence>{CALL_INTO_VARIABLE}</inSequence><faultSequence><respond/></faultSequence>"
    engine = engine_with(
        f'<api {SYNAPSE} name="tried" context="/tried"><resource methods="POST">{inside}</resource></api>'
    )
    engine.senders["http"] = BackEnd(error=EndpointError("no", code=101503))
    request = arrival(body=Body.of_bytes(b"{}", JSON), Authorization="Bearer x", Cookie="a=1", X_Mine="kept")
    [(_, headers, _)] = (await served(engine, request)).given
    assert headers == {"X-Mine": "kept", "Content-Type": JSON}


@pytest.mark.parametrize(
    ("length", "given"), [(20, "a stream"), (None, b"0123456789")], ids=["announced", "not-announced"]
)
async def test_an_answer_without_chunks_is_only_waited_for_when_nobody_has_told_its_length(
    length: int | None, given: bytes | str
) -> None:
    counted = '<property name="DISABLE_CHUNKING" value="true" scope="axis2"/>'
    stream = Pieces([b"01234", b"56789"] * (2 if length else 1), length)
    engine = calling(BackEnd(Body.of_stream(stream, "text/plain")), f"{CALL}{counted}<respond/>")
    engine.surroundings = Surroundings(max_payload=10)
    [(status, _, body)] = (await served(engine, arrival())).given
    assert (status, "a stream" if body is stream else body) == (200, given)


async def test_what_nobody_reads_goes_through_as_it_comes_in() -> None:
    asked, answered = Pieces([b"a", b"b"], 2), Pieces([b"c"])
    back_end = BackEnd(Body.of_stream(answered, "text/plain"), 201)
    engine = calling(back_end, f"{CALL}<respond/>")
    [(status, headers, body)] = (await served(engine, arrival(body=Body.of_stream(asked, "text/csv")))).given
    assert back_end.asked[0].body is asked
    assert back_end.asked[0].headers["Content-Type"] == "text/csv"
    assert (status, headers["X-From"], body) == (201, "back end", answered)


async def test_a_mediator_that_looks_at_the_payload_waits_for_all_of_it() -> None:
    look = '<property name="HTTP_SC" expression="json-eval($.status)" scope="axis2"/>'
    body = Body.of_stream(Pieces([b'{"sta', b'tus": 207}']), JSON)
    [(status, _, sent)] = (await served(engine_with(api(f"{look}<respond/>")), arrival(body=body))).given
    assert (status, sent) == (207, b'{"status": 207}')


async def test_a_payload_beyond_the_limit_is_a_bad_request() -> None:
    engine = engine_with(api('<log level="full"/><respond/>'), surroundings=Surroundings(max_payload=10))
    stream = Pieces([b"12345678", b"12345678"])
    [(status, _, body)] = (await served(engine, arrival(body=Body.of_stream(stream, "text/plain")))).given
    assert (status, body) == (400, b"")
    assert stream.is_abandoned


@pytest.mark.parametrize(
    ("code", "status"),
    [(101503, 502), (101504, 504), (101508, 504), (303001, 503), (101505, 502), (500000, 500)],
)
async def test_the_status_of_an_unanswered_fault_tells_its_kind(code: int, status: int) -> None:
    engine = calling(BackEnd(error=EndpointError("no", code=code)), f"{CALL}<respond/>")
    assert [given[0] for given in (await served(engine, arrival())).given] == [status]


async def test_the_status_of_a_time_out_is_the_same_where_codes_have_states_added() -> None:
    silent = EndpointError("no", code=101504)
    silent.protocol_state = 3
    engine = calling(BackEnd(error=silent), f"{CALL}<respond/>")
    engine.surroundings = Surroundings(adds_state_to_code=True)
    assert [given[0] for given in (await served(engine, arrival())).given] == [504]


async def test_an_answer_kept_in_a_variable_is_read_in_the_format_that_was_chosen() -> None:
    status = '<property name="HTTP_SC" expression="${vars.answer.payload.status}" scope="axis2"/>'
    back_end = BackEnd(Body.of_bytes(b'{"status": 207}', "application/vnd.acme"))
    engine = calling(back_end, f"{CALL_INTO_VARIABLE}{status}<respond/>")
    chosen = ChosenFormats.of_names(read={"application/vnd.acme": "json"}, written={})
    engine.surroundings = Surroundings(formats=chosen)
    assert [given[0] for given in (await served(engine, arrival())).given] == [207]


async def test_a_message_knows_what_its_client_has_proved() -> None:
    who = '<header name="X-Who" expression="$axis2:ssl.client.auth.subject" scope="transport"/><respond/>'
    request, plain = arrival(), arrival()
    request.certificate = ClientCertificate("PEM", "CN=orders", "CN=authority", "7f")
    engine = engine_with(api(who))
    [(_, headers, _)] = (await served(engine, request)).given
    assert headers["X-Who"] == "CN=orders"
    [(_, headers, _)] = (await served(engine, plain)).given
    assert not headers.get("X-Who")


async def test_a_fault_sequence_answers_instead() -> None:
    mediators = '<property name="HTTP_SC" value="409" scope="axis2"/><respond/>'
    mended = sequence(mediators, "mended")
    failing = api(f"{CALL}<respond/>", 'methods="POST" faultSequence="mended"')
    engine = engine_with(failing, mended)
    engine.senders["http"] = BackEnd(error=EndpointError("no", code=101503))
    assert [given[0] for given in (await served(engine, arrival())).given] == [409]


async def test_the_status_of_a_fault_can_be_that_of_the_reference() -> None:
    engine = engine_with(api('<sequence key="missing"/>'))
    engine.fault_drop_status = 202
    assert [given[0] for given in (await served(engine, arrival())).given] == [202]


async def test_a_client_can_be_let_go_before_the_back_end_is_asked() -> None:
    back_end = BackEnd()
    accepted = '<property name="FORCE_SC_ACCEPTED" value="true" scope="axis2"/>'
    answers = await served(calling(back_end, f"{accepted}{CALL}"), arrival())
    assert answers.given == [(202, {}, b"")]
    assert len(back_end.asked) == 1


async def test_a_message_sent_one_way_is_not_changed_by_what_the_flow_does_next() -> None:
    back_end = BackEnd()
    one_way = '<property name="OUT_ONLY" value="true"/>'
    later = '<property name="NO_KEEPALIVE" value="true" scope="axis2"/>'
    engine = calling(back_end, f"{one_way}{CALL}{later}<respond/>")
    await served(engine, arrival())
    async with asyncio.timeout(5):
        while not back_end.asked:
            await asyncio.sleep(0)
    [request] = back_end.asked
    assert "NO_KEEPALIVE" not in request.options


async def test_an_endpoint_that_is_one_way_by_itself_is_so_from_the_first_message_on() -> None:
    back_end = BackEnd()
    one_way = '<property name="OUT_ONLY" value="true"/>'
    engine = calling(back_end, f"<call><endpoint>{ADDRESS}{one_way}</endpoint></call><respond/>")
    body = Body.of_stream(Pieces([b"a", b"b"]), "text/csv")
    [(_, headers, answered)] = (await served(engine, arrival(body=body))).given
    async with asyncio.timeout(5):
        while not back_end.asked:
            await asyncio.sleep(0)
    assert ("X-From" in headers, answered) == (False, b"ab")
    assert back_end.asked[0].body == b"ab"


async def test_the_name_of_an_endpoint_is_found_in_a_payload_that_is_still_arriving() -> None:
    back_end = BackEnd(status=201)
    named = f'<endpoint {SYNAPSE} name="Billing">{ADDRESS}</endpoint>'
    by_payload = '<call><endpoint key-expression="json-eval($.target)"/></call><respond/>'
    body = Body.of_stream(Pieces([b'{"target": "Bil', b'ling"}']), JSON)
    [(status, _, _)] = (await served(calling(back_end, by_payload, named), arrival(body=body))).given
    assert (status, back_end.asked[0].body) == (201, b'{"target": "Billing"}')


async def test_an_engine_that_is_full_says_so_at_once() -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    class Slow(BackEnd):
        async def send(self, request: Request) -> Response:
            begun.set()
            await gate.wait()
            return await super().send(request)

    engine = Engine(Surroundings(), tasks=engine_with().tasks, senders={"http": Slow()}, max_in_flight=1)
    engine.graph = engine_with(api(f"{CALL}<respond/>")).graph
    first = asyncio.ensure_future(served(engine, arrival()))
    await begun.wait()
    second = await served(engine, arrival())
    gate.set()
    assert second.given == [(503, {"Retry-After": "1"}, b"")]
    assert [given[0] for given in (await first).given] == [200]


async def test_a_stream_has_one_taker() -> None:
    stream: Stream = Pieces([b"x"])
    body = Body.of_stream(stream, "text/plain")
    assert body.take_stream() is stream
    assert body.is_empty
