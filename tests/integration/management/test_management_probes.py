"""The internal listener, asked over a real socket."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvloop
from starlette.responses import PlainTextResponse

from micro_integrator.kit import ListenError, PortInUse
from micro_integrator.management import Probes, Readiness
from micro_integrator.management import listener as listener_module
from micro_integrator.observability import counter, recorded_lines

SEEN = counter("mi_probe_test_total", "Seen by the test")


def make_probes(readiness: Readiness, **changes: object) -> Probes:
    options: dict[str, object] = {"host": "127.0.0.1", "port": 0, "offset": 10}
    return Probes(readiness, changes.pop("lag", lambda: 0.0), **(options | changes))  # type: ignore[arg-type]


@pytest.fixture
def readiness() -> Readiness:
    return Readiness("0.1.0")


@pytest.fixture
async def client(readiness: Readiness) -> AsyncIterator[httpx.AsyncClient]:
    async with make_probes(readiness) as probes, asking(probes) as made:
        yield made


def asking(probes: Probes) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{probes.port}", trust_env=False)


async def test_the_answers_follow_the_life_of_the_node(
    client: httpx.AsyncClient, readiness: Readiness
) -> None:
    assert (await client.get("/healthz")).status_code == 503
    assert (await client.get("/startupz")).status_code == 503
    assert (await client.get("/liveness")).json() == {"server": "started"}
    readiness.deployed, readiness.starting = True, False
    ready = await client.get("/readiness")
    assert ready.status_code == 200
    assert ready.content == b'{"version":"0.1.0","update_level":"-","status":"ready"}'
    assert (await client.get("/startupz")).status_code == 200
    readiness.stopping = True
    assert (await client.get("/healthz")).json()["status"] == "stopping"


async def test_a_standstill_of_the_loop_ends_liveness(readiness: Readiness) -> None:
    async with make_probes(readiness, lag=lambda: 5.1) as probes, asking(probes) as client:
        answer = await client.get("/liveness")
    assert answer.status_code == 503
    assert answer.json() == {"server": "event loop stood still for 5.1 s"}


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/nowhere"])
async def test_every_answer_carries_the_security_headers_and_no_server_name(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'"
    assert "server" not in headers


async def test_only_get_and_head_are_answered(client: httpx.AsyncClient) -> None:
    refused = await client.post("/healthz", content=b"x")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}
    head = await client.head("/liveness")
    assert head.status_code == 200
    assert head.content == b""
    unknown = await client.get("/healthz/")
    assert unknown.status_code == 404
    assert unknown.json() == {"error": "Not Found"}


@pytest.mark.parametrize("path", ["/metrics", "/metric-service/metrics"])
async def test_metrics_are_plain_text_unless_openmetrics_is_asked_for(
    client: httpx.AsyncClient, path: str
) -> None:
    SEEN.inc()
    plain = await client.get(path)
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "mi_probe_test_total" in plain.text
    modern = await client.get(
        path, headers={"accept": "application/openmetrics-text;version=1.0.0,*/*;q=0.1"}
    )
    assert modern.headers["content-type"].startswith("application/openmetrics-text")
    assert modern.text.endswith("# EOF\n")


async def test_metrics_can_be_narrowed_to_names(client: httpx.AsyncClient) -> None:
    text = (await client.get("/metrics", params={"name[]": ["mi_probe_test_total", "process_open_fds"]})).text
    assert {line.split()[0] for line in text.splitlines() if not line.startswith("#")} == {
        "mi_probe_test_total",
        "process_open_fds",
    }


async def test_something_else_can_be_shown_below_a_path_of_its_own(readiness: Readiness) -> None:
    async with make_probes(readiness) as probes, asking(probes) as client:
        probes.show("/else", PlainTextResponse("here"))
        assert (await client.get("/else")).text == "here"
        assert (await client.get("/else/below")).text == "here"
        assert (await client.get("/elsewhere")).status_code == 404
        assert (await client.get("/liveness")).status_code == 200


async def test_metrics_can_be_switched_off(readiness: Readiness) -> None:
    async with make_probes(readiness, with_metrics=False) as probes, asking(probes) as client:
        assert (await client.get("/metrics")).status_code == 404


async def test_a_taken_port_is_named_with_its_setting_and_the_way_out(readiness: Readiness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse) as raised:
            async with make_probes(readiness, port=port, offset=10):
                pass
    text = str(raised.value)
    assert f"[mediation] internal_http_api_port: 127.0.0.1:{port} is already in use" in text
    assert text.endswith("bin/micro-integrator.sh run -DportOffset=20")


@pytest.mark.parametrize("host", ["192.0.2.1", "not an address"])
async def test_an_address_that_is_not_ours_is_named(readiness: Readiness, host: str) -> None:
    with pytest.raises(ListenError, match=r"\[mediation\] internal_http_api_"):
        async with make_probes(readiness, host=host):
            pass


async def test_the_port_is_free_again_after_the_stop_and_open_connections_do_not_delay_it(
    readiness: Readiness,
) -> None:
    probes = make_probes(readiness)
    async with probes:
        port = probes.port
        _, idle = await asyncio.open_connection("127.0.0.1", port)
    idle.close()
    async with make_probes(readiness, port=port) as again:
        assert again.port == port


async def test_signals_stay_with_the_daemon(readiness: Readiness) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with make_probes(readiness):
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_stopping_twice_or_before_the_start_is_harmless(readiness: Readiness) -> None:
    probes = make_probes(readiness)
    await probes.stop()
    async with probes:
        pass
    await probes.stop()


async def test_a_request_without_end_is_cut_off(readiness: Readiness) -> None:
    with recorded_lines() as lines:
        async with make_probes(readiness) as probes:
            reader, writer = await asyncio.open_connection("127.0.0.1", probes.port)
            writer.write(b"GET /healthz HTTP/1.1\r\nX-Long: " + b"x" * 20_000)
            answer = await reader.read()
            writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert [line for line in lines.texts() if "Invalid" in line] == []


async def test_a_body_without_end_is_cut_off_too(
    readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_module, "BODY_LIMIT", 100_000)
    async with make_probes(readiness) as probes:
        reader, writer = await asyncio.open_connection("127.0.0.1", probes.port)
        writer.write(b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 405 ")
        with contextlib.suppress(ConnectionError):
            writer.write(bytes(200_000))
            await asyncio.wait_for(reader.read(), 5)
            writer.close()
        assert reader.at_eof() or reader.exception() is not None


async def test_requests_that_come_together_are_counted_one_by_one(readiness: Readiness) -> None:
    one = b"GET /liveness HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 5000 + b"\r\n\r\n"
    last = b"GET /liveness HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    async with make_probes(readiness) as probes:
        reader, writer = await asyncio.open_connection("127.0.0.1", probes.port)
        writer.write(one * 10 + last)
        answers = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert answers.count(b"HTTP/1.1 200 OK") == 11


async def test_a_connection_that_asks_nothing_is_closed(
    readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_module, "IDLE_LIMIT", 0.05)
    async with make_probes(readiness) as probes:
        reader, writer = await asyncio.open_connection("127.0.0.1", probes.port)
        writer.write(b"GET /hea")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_many_requests_share_one_connection(client: httpx.AsyncClient, readiness: Readiness) -> None:
    for _ in range(20):
        assert (await client.get("/liveness")).status_code == 200


def test_the_listener_works_on_uvloop() -> None:
    async def ask() -> int:
        async with make_probes(Readiness("0.1.0")) as probes, asking(probes) as client:
            return (await client.get("/metrics")).status_code

    assert uvloop.run(ask()) == 200
