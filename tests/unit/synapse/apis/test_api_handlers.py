"""Handlers of APIs: classes of the user that see requests and answers, in their order."""

import asyncio
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

import pytest
from unit.synapse.apis.api_lab import PLAIN, Client, Served, api_text, arrival, resource
from unit.synapse.apis.api_lab import served as serve
from unit.synapse.synapse_lab import Pieces, engine_with, json_body, loaded, sequence

from micro_integrator.synapse import Body, Stream, Terms
from micro_integrator.synapse.artifacts.api import Api

RESPOND = "<respond/>"
BROKEN = '<sequence key="nowhere"/>'


class Noting:
    """Says where it was, in a property and in a header of the answer."""

    name = "noting"

    def handle_request(self, ctx: Any) -> None:
        ctx.properties.set("way", f"{ctx.properties.get('way') or ''}{self.name} ")

    def handle_response(self, ctx: Any) -> None:
        ctx.headers["X-Way"] = f"{ctx.headers.get('x-way', '')}{self.name} "


class Later(Noting):
    async def handle_request(self, ctx: Any) -> None:  # type: ignore[override]
        super().handle_request(ctx)

    async def handle_response(self, ctx: Any) -> None:  # type: ignore[override]
        super().handle_response(ctx)


class Gate:
    """Answers without a key."""

    status: int = 401

    def handle_request(self, ctx: Any) -> bool | None:
        if "X-Key" in ctx.headers:
            return None
        ctx.respond(self.status, f"no key for {ctx.method} {ctx.path}", {"X-Gate": "shut"})
        return True


class Silent:
    def handle_request(self, ctx: Any) -> bool:
        return False


class Swallowing:
    def handle_response(self, ctx: Any) -> bool:
        return False


class Replacing:
    def handle_response(self, ctx: Any) -> None:
        ctx.respond(503, b"later", {"Content-Type": "text/x-own"})


class Rewriting:
    """Changes everything that can be changed."""

    reads_body = True

    def handle_request(self, ctx: Any) -> None:
        ctx.headers["X-Seen"] = ctx.body.decode()
        ctx.body = b'{"changed": true}'

    def handle_response(self, ctx: Any) -> None:
        ctx.status = 207
        ctx.body = ctx.body + b"!"


class Peeking:
    """Looks at the payload without having said so."""

    def handle_request(self, ctx: Any) -> None:
        ctx.variables["length"] = len(ctx.body)


class Failing:
    def handle_request(self, ctx: Any) -> None:
        raise ValueError("no handler today")


class FailingLate:
    def handle_response(self, ctx: Any) -> None:
        if "X-Handled" not in ctx.headers:
            raise ValueError("no answer today")


class Placed:
    """Remembers the thread it runs in."""

    def handle_request(self, ctx: Any) -> None:
        ctx.properties.set("thread", threading.current_thread() is threading.main_thread())


class Quick(Placed):
    blocking = False


class Living:
    """Counts its beginnings and ends."""

    lives: list[str] = []  # noqa: RUF012 - shared on purpose

    def init(self, engine: Any) -> None:
        self.lives.append("begun")

    async def destroy(self) -> None:
        self.lives.append("ended")

    def handle_request(self, ctx: Any) -> None:
        ctx.log.info("{count} lives", count=len(self.lives))


class Unready:
    def init(self, engine: Any) -> None:
        raise ValueError("not today")

    handle_request = Living.handle_request


class Idle:
    """Does nothing that a handler does."""


@pytest.fixture(autouse=True)
def user_module() -> Iterator[None]:
    module = types.ModuleType("users_handlers")
    for cls in (
        Noting, Later, Gate, Silent, Swallowing, Replacing, Rewriting, Peeking, Failing, FailingLate, Placed, Quick,
        Living, Unready, Idle,
    ):  # fmt: skip
        setattr(module, cls.__name__, cls)
    sys.modules["users_handlers"] = module
    yield
    del sys.modules["users_handlers"]


def handler(cls: str, **properties: str) -> str:
    inside = "".join(f'<property name="{key}" value="{value}"/>' for key, value in properties.items())
    return f'<handler class="users_handlers:{cls}">{inside}</handler>'


def handled(*handlers: str, inside: str = resource(RESPOND)) -> str:
    return api_text(f"<handlers>{''.join(handlers)}</handlers>{inside}")


async def orders(
    text: str,
    *others: str,
    headers: dict[str, str] | None = None,
    body: Body | None = None,
    target: str = "/orders",
) -> Served:
    return await serve(arrival(target, "POST", headers, body=body), text, *others)


async def test_handlers_run_in_their_order_on_the_request_and_on_the_answer() -> None:
    found = await orders(handled(handler("Noting", name="a"), handler("Later", name="b")))
    assert found.properties["way"] == "a b "
    assert found.answer.headers["X-Way"] == "a b "


async def test_a_handler_sees_answers_of_every_kind() -> None:
    text = handled(
        handler("Noting"),
        inside=f'<resource uri-template="/broken"><inSequence>{BROKEN}</inSequence>'
        f"<faultSequence>{RESPOND}</faultSequence></resource>",
    )
    for target, status in (("/orders/broken", 200), ("/orders/else", 404)):
        found = await orders(text, target=target)
        assert (found.answer.status, found.answer.headers["X-Way"]) == (status, "noting ")


async def test_a_handler_may_answer_and_then_nothing_else_runs() -> None:
    text = handled(handler("Gate", status="418"), handler("Noting"), inside=resource(BROKEN))
    found = await orders(text)
    assert (found.answer.status, found.answer.body) == (418, b"no key for POST /orders")
    assert found.answer.headers["X-Gate"] == "shut"
    assert found.answer.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert "X-Way" not in found.answer.headers
    assert "way" not in found.properties


async def test_a_handler_may_let_a_request_through() -> None:
    found = await orders(handled(handler("Gate"), handler("Noting")), headers={"X-Key": "1"})
    assert (found.answer.status, found.properties["way"]) == (200, "noting ")


async def test_a_handler_that_says_no_ends_the_request_without_an_answer() -> None:
    found = await orders(handled(handler("Silent"), handler("Noting"), inside=resource(BROKEN)))
    assert (found.client.answers, found.error) == ([], None)
    assert "way" not in found.properties


async def test_a_handler_that_says_no_to_an_answer_keeps_it_back() -> None:
    found = await orders(handled(handler("Swallowing"), handler("Noting")))
    assert found.client.answers == []


async def test_an_answer_that_is_kept_back_is_not_waited_for() -> None:
    stream = Pieces([b"a"])
    found = await orders(
        handled(handler("Swallowing")), headers={"Content-Type": "text/plain"}, body=_streaming(stream)
    )
    assert (found.client.answers, stream.is_abandoned) == ([], True)


async def test_a_handler_may_put_another_answer_in_the_place_of_one() -> None:
    found = await orders(handled(handler("Replacing"), handler("Noting")))
    assert (found.answer.status, found.answer.body, dict(found.answer.headers)) == (
        503,
        b"later",
        {"Content-Type": "text/x-own"},
    )


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_handler_may_change_payload_status_and_headers(is_stream: bool) -> None:
    body = json_body('{"a": 1}')
    if is_stream:
        body = Body.of_stream(Pieces([b'{"a"', b": 1}"]), "application/json")
    headers = {"Content-Type": "application/json"}
    found = await orders(handled(handler("Rewriting")), headers=headers, body=body)
    assert (found.answer.status, found.answer.body) == (207, b'{"changed": true}!')
    assert found.answer.headers["X-Seen"] == '{"a": 1}'


async def test_a_handler_that_did_not_ask_for_the_payload_does_not_make_anybody_wait_for_it() -> None:
    found = await orders(
        handled(handler("Peeking")), headers={"Content-Type": "text/plain"}, body=_streaming(Pieces([b"a"]))
    )
    assert "reads_body = True" in str(found.error)


async def test_an_error_of_a_handler_is_a_fault() -> None:
    text = sequence('<property name="HTTP_SC" scope="axis2" value="502"/><respond/>', "fault")
    found = await orders(handled(handler("Failing"), inside=resource(BROKEN)), text)
    assert (str(found.error), found.answer.status) == ("no handler today", 502)
    assert found.properties["ERROR_MESSAGE"] == "no handler today"


async def test_an_answer_that_a_handler_fails_at_is_not_given() -> None:
    text = sequence('<header name="X-Handled" value="1" scope="transport"/><respond/>', "fault")
    found = await orders(handled(handler("FailingLate")), text)
    assert str(found.error) == "no answer today"
    assert found.answer.headers["X-Handled"] == "1"


@pytest.mark.parametrize(("name", "is_main"), [("Placed", False), ("Quick", True)])
async def test_a_plain_method_runs_in_a_thread_unless_it_never_blocks(name: str, is_main: bool) -> None:
    found = await orders(handled(handler(name)))
    assert found.properties["thread"] is is_main


async def test_handlers_know_the_api_before_a_resource_is_found() -> None:
    found = await orders(handled(handler("Silent")), target="/orders/7?a=b")
    names = ("SYNAPSE_REST_API", "REST_API_CONTEXT", "REST_SUB_REQUEST_PATH")
    assert [found.properties[name] for name in names] == ["Orders", "/orders", "/7?a=b"]


async def test_handlers_do_not_see_who_asks_for_the_document_of_the_api() -> None:
    found = await serve(arrival("/orders?swagger.json"), handled(handler("Gate")))
    assert found.answer.status == 200


async def test_rules_for_pages_of_other_origins_hold_for_what_handlers_answer() -> None:
    cors = '<handler class="a.b.CORSRequestHandler"><property name="allowedOrigins" value="https://a.example"/></handler>'
    found = await orders(handled(handler("Gate"), cors), headers={"Origin": "https://a.example"})
    assert found.answer.status == 401
    assert found.answer.headers["Access-Control-Allow-Origin"] == "https://a.example"


async def test_handlers_live_as_long_as_their_api() -> None:
    Living.lives.clear()
    engine = engine_with()
    await engine.start()
    [api] = loaded(handled(handler("Living"))).artifacts
    assert isinstance(api, Api)
    await api.activate(engine)
    assert Living.lives == ["begun"]
    await api.deactivate(engine)
    assert Living.lives == ["begun", "ended"]
    await engine.stop()


@pytest.mark.parametrize("name", ["Living", "Unready"])
async def test_a_request_waits_until_it_is_known_whether_handlers_are_prepared(name: str) -> None:
    engine = engine_with(handled(handler(name)))
    await engine.start()
    [api] = [each for each in engine.graph if isinstance(each, Api)]
    client = Client()
    serving = asyncio.ensure_future(engine.serve(arrival("/orders"), client))
    await until_idle()
    assert not client.is_answered
    try:
        await api.activate(engine)
    except ValueError:
        await api.deactivate(engine)
    await serving
    [answer] = client.answers
    assert answer.status == (200 if name == "Living" else 500)
    await engine.stop()


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("<handler/>", "<handler> needs the attribute 'class'"),
        (
            '<handler class="com.example.Audit"><property name="a" value="b"/></handler>',
            "Java class com.example.Audit has no Python equivalent: name a class as package.module:Class",
        ),
        (
            handler("Nobody"),
            "Failed to load handler class users_handlers:Nobody: module 'users_handlers' has no class 'Nobody'",
        ),
        (
            handler("Idle"),
            "Failed to load handler class users_handlers:Idle: it has neither handle_request(ctx) nor "
            "handle_response(ctx)",
        ),
        (handler("Gate", state="1"), "Gate has neither set_state(value) nor an attribute for it"),
        (
            handler("Gate", status="x"),
            "property 'status' of Gate: invalid literal for int() with base 10: 'x'",
        ),
        (
            '<handler class="users_handlers:Gate"><property name="status"/></handler>',
            "<property> of <handler> needs the attribute 'value'",
        ),
    ],
)
def test_a_handler_that_cannot_be_used_is_told_with_its_line(written: str, problem: str) -> None:
    errors = loaded(api_text(f"<handlers>\n{written}</handlers>{PLAIN}")).errors
    assert [str(error) for error in errors] == [f"s.xml:2: {problem}"]


def test_a_handler_may_be_known_by_another_name() -> None:
    terms = Terms(class_aliases={"com.example.Gate": "users_handlers:Gate"})
    text = api_text(f'<handlers><handler class="com.example.Gate"/></handlers>{PLAIN}')
    assert loaded(text, terms).errors == []


def test_only_packages_that_are_listed_are_loaded() -> None:
    [error] = loaded(handled(handler("Gate")), Terms(class_packages=("shop",))).errors
    assert "'users_handlers' is not listed in [mediation] class_packages" in str(error)


async def until_idle() -> None:
    """Let everything run that can run without anybody's help."""
    for _ in range(10):
        await asyncio.sleep(0)


def _streaming(stream: Stream) -> Body:
    return Body.of_stream(stream, "text/plain")
