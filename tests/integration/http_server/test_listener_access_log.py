"""The access log of real requests, and what its patterns mean."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import pytest
from integration.http_server.serving import GET, LIMIT, Client, Engine, Pieces, asked, echo, listening, post

from micro_integrator.config import AccessLogSettings, HttpListenerSettings
from micro_integrator.observability import recorded_lines
from micro_integrator.observability.journal import journal
from micro_integrator.observability.masking import Masker
from micro_integrator.synapse import Arrival, Headers, ReplyChannel
from micro_integrator.transports.http.server import connection


def logging(pattern: str, **more: str) -> AccessLogSettings:
    return AccessLogSettings(access_log_enable=True, access_log_pattern=pattern, **more)


async def lines_of(home: Path, pattern: str, *requests: bytes) -> list[str]:
    async with (
        listening(echo, home=home, access_log=logging(pattern)) as listener,
        Client(listener) as client,
    ):
        for request in requests:
            client.send(request)
            await client.answer(has_body=not request.startswith(b"HEAD"))
    (file,) = (home / "repository/logs").glob("*")
    assert file.name == time.strftime("http_access_%Y-%m-%d.log")
    return file.read_text().splitlines()


async def test_the_usual_line_names_the_forwarded_client_and_quotes_what_it_sent(tmp_path: Path) -> None:
    request = post(b"ping", 'User-Agent: say "hi"', "X-Forwarded-For: 10.1.1.1", target="/a?b=c")
    (line,) = await lines_of(tmp_path, AccessLogSettings().access_log_pattern, request)
    stamp = r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"
    expected = rf'10\.1\.1\.1 127\.0\.0\.1 - - {stamp} "POST /a\?b=c HTTP/1\.1" 200 16 "-" "say \\"hi\\""'
    assert re.fullmatch(expected, line), line


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("%m %U %q %H %s", "GET /a ?b=c HTTP/1.1 200"),
        ("%a %A %v %l %u %Z %%", "127.0.0.1 127.0.0.1 localhost - - - %"),
        ("%b %B", "11 11"),
        ("%{X-No}i %{content-length}o %{Cookie}c", "- - -"),
        ("plain", "plain"),
        ("common", None),
    ],
)
async def test_each_letter_of_a_pattern_writes_what_it_stands_for(
    tmp_path: Path, pattern: str, expected: str | None
) -> None:
    (line,) = await lines_of(tmp_path, pattern, b"GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n")
    assert expected is None or line == expected


async def test_what_is_masked_elsewhere_is_masked_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "mask", Masker({"card": "[0-9]{16}"}, ["hunter22"]))
    request = b"GET /pay?card=1234567890123456&key=hunter22 HTTP/1.1\r\nHost: a\r\n\r\n"
    assert await lines_of(tmp_path, "%q", request) == ["?card=*****&key=*****"]


async def test_an_answer_without_a_body_has_no_size(tmp_path: Path) -> None:
    lines = await lines_of(tmp_path, "%b %B", b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert lines == ["- 0"]


async def test_refused_requests_are_in_the_log_too(tmp_path: Path) -> None:
    async with listening(echo, home=tmp_path, access_log=logging("%s %r")) as listener:
        await asked(listener, b"rubbish\r\n\r\n")
        await asked(listener, GET)
    (file,) = (tmp_path / "repository/logs").iterdir()
    assert file.read_text() == "400 -\n200 GET /orders HTTP/1.1\n"


async def test_a_client_that_left_before_its_answer_is_in_the_log(tmp_path: Path) -> None:
    engine = Engine()
    async with listening(engine.serve, home=tmp_path, access_log=logging("%s %r %b")) as listener:
        async with Client(listener) as client:
            client.send(GET)
            await engine.begun.wait()
        await engine.ended.wait()
    (file,) = (tmp_path / "repository/logs").iterdir()
    assert file.read_text() == "499 GET /orders HTTP/1.1 -\n"


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_client_that_left_within_its_answer_is_in_the_log(tmp_path: Path, is_stream: bool) -> None:
    large = 20_000_000

    async def pours(arrival: Arrival, reply: ReplyChannel) -> None:
        body = Pieces([bytes(100_000)] * 200, length=large) if is_stream else bytes(large)
        await reply.reply(200, Headers(), body)

    async with listening(pours, home=tmp_path, access_log=logging("%s %r %B")) as listener:
        async with Client(listener) as client:
            client.send(GET)
            await client.reader.readexactly(1000)
        async with asyncio.timeout(LIMIT):
            while listener.requests:
                await asyncio.sleep(0.01)
    (file,) = (tmp_path / "repository/logs").iterdir()
    line, size = file.read_text().rsplit(" ", 1)
    assert line == "200 GET /orders HTTP/1.1"
    assert 1000 <= int(size) < large if is_stream else int(size) == large


async def test_a_request_refused_for_its_body_is_told_as_far_as_it_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LINGER_LIMIT", 0.1)
    limits: dict[str, Any] = {"enable_message_size_validation": True, "max_message_size_bytes": 10}
    log = logging('%s "%r" %{X-Name}i')
    async with listening(echo, home=tmp_path, access_log=log, socket_timeout=0.2, **limits) as listener:
        for whole in (post(b"much too large", "X-Name: it"), post(b"late", "X-Name: it")):
            async with Client(listener) as client:
                client.send(whole[:-1])
                await client.rest()
    (file,) = (tmp_path / "repository/logs").iterdir()
    assert file.read_text() == '413 "POST /orders HTTP/1.1" it\n408 "POST /orders HTTP/1.1" it\n'


async def test_the_local_address_is_the_one_the_client_has_come_to(tmp_path: Path) -> None:
    everywhere = HttpListenerSettings(port=0, bind_address="0.0.0.0", secured_enable=False)
    log = logging("%A")
    async with listening(echo, home=tmp_path, access_log=log, listener=everywhere) as listener:
        await asked(listener, GET)
    (file,) = (tmp_path / "repository/logs").iterdir()
    assert file.read_text() == "127.0.0.1\n"


async def test_names_of_the_files_are_a_matter_of_settings(tmp_path: Path) -> None:
    settings = logging("%s", access_log_directory="logs", access_log_prefix="a.", access_log_suffix=".txt",
                       access_log_file_date_format="dd_MM_yyyy")  # fmt: skip
    async with listening(echo, home=tmp_path, access_log=settings) as listener:
        await asked(listener, GET)
    assert [file.name for file in (tmp_path / "logs").iterdir()] == [time.strftime("a.%d_%m_%Y.txt")]


async def test_a_log_that_cannot_be_written_costs_no_answer_and_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "repository").write_text("in the way")
    with recorded_lines() as lines:
        async with listening(echo, home=tmp_path, access_log=logging("%s")) as listener:
            assert (await asked(listener, GET)).status == 200
            async with asyncio.timeout(10):
                while not lines.texts():
                    await asyncio.sleep(0.01)
            assert (await asked(listener, GET)).status == 200
    assert [line for line in lines.texts() if "access log" in line] == [
        f"The access log cannot be written: [Errno 20] Not a directory: '{tmp_path}/repository/logs'"
    ]
