"""What goes out at the end of a turn of the loop: everything, in its order, and nothing twice."""

import asyncio
from typing import cast

from unit.transports.false_socket import FalseSocket

from micro_integrator.transports.http.client.connection import Connection
from micro_integrator.transports.http.client.target import Route
from micro_integrator.transports.http.failure import Code, HttpError, Stage
from micro_integrator.transports.http.outbox import Outbox

EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Pen:
    """Writes its name; the first time it may hand on to another."""

    def __init__(self, name: str, page: list[str], outbox: Outbox, following: "Pen | None" = None) -> None:
        self._name, self._page, self._outbox, self._following = name, page, outbox, following

    def flush(self) -> None:
        self._page.append(self._name)
        if self._following is not None:
            self._outbox.add(self._following)


async def a_turn() -> None:
    await asyncio.sleep(0)


async def test_nothing_goes_out_before_the_end_of_the_turn_and_then_everything_in_its_order() -> None:
    page: list[str] = []
    outbox = Outbox(asyncio.get_running_loop())
    for name in ("first", "second", "third"):
        outbox.add(Pen(name, page, outbox))
    assert page == []
    await a_turn()
    assert page == ["first", "second", "third"]


async def test_what_is_added_while_others_are_written_goes_out_with_the_next_turn() -> None:
    page: list[str] = []
    outbox = Outbox(asyncio.get_running_loop())
    outbox.add(Pen("first", page, outbox, following=Pen("second", page, outbox)))
    await a_turn()
    assert page == ["first"]
    await a_turn()
    assert page == ["first", "second"]


def connection_on(line: FalseSocket) -> Connection:
    loop = asyncio.get_running_loop()
    connection = Connection(Route("http", "h", 80), silence=10.0, loop=loop, outbox=Outbox(loop))
    connection.connection_made(cast(asyncio.Transport, line))
    return connection


def asked(connection: Connection) -> asyncio.Future[object]:
    limit = asyncio.get_running_loop().time() + 10
    answer = connection.exchange([b"GET /"], limit, is_bodiless=False, is_last=False, is_whole=True)
    return cast("asyncio.Future[object]", answer)


async def test_a_request_is_written_once_however_often_it_is_hurried() -> None:
    line = FalseSocket()
    connection = connection_on(line)
    answer = asked(connection)
    assert line.written == b""
    connection.flush()
    assert line.written == b"GET /"
    await a_turn()
    assert line.written == b"GET /"
    connection.connection_lost(None)
    assert isinstance(answer.exception(), HttpError)
    line.give_back()


async def test_a_connection_that_ends_within_the_turn_has_sent_nothing_and_says_so() -> None:
    line = FalseSocket()
    connection = connection_on(line)
    answer = asked(connection)
    connection.connection_lost(ConnectionResetError())
    await a_turn()
    error = answer.exception()
    assert isinstance(error, HttpError)
    assert (error.code, error.protocol_state) == (Code.CLOSED, Stage.REQUEST_READY)
    assert "before it had answered" in str(error)
    assert line.written == b""
    line.give_back()


async def test_a_connection_that_is_closing_at_the_end_of_the_turn_has_sent_nothing_and_says_so() -> None:
    line = FalseSocket()
    connection = connection_on(line)
    answer = asked(connection)
    line.close()  # as the loop does it at the end of file; it tells the connection in its next turn
    await a_turn()
    connection.connection_lost(None)
    error = answer.exception()
    assert isinstance(error, HttpError)
    assert (error.code, error.protocol_state) == (Code.CLOSED, Stage.REQUEST_READY)
    assert line.written == b""
    line.give_back()


async def test_nothing_is_written_on_a_connection_that_is_closing_already() -> None:
    line = FalseSocket()
    connection = connection_on(line)
    line.close()
    limit = asyncio.get_running_loop().time() + 10
    answer = connection.exchange([b"POST /", b"body"], limit, is_bodiless=False, is_last=False, is_whole=True)
    error = answer.exception()
    assert isinstance(error, HttpError)
    assert (error.code, error.protocol_state) == (Code.CLOSED, Stage.REQUEST_READY)
    connection.connection_lost(None)
    line.give_back()


async def test_an_answer_that_comes_before_the_request_has_left_is_the_last_of_its_connection() -> None:
    line = FalseSocket()
    connection = connection_on(line)
    answer = asked(connection)
    connection.data_received(EMPTY)
    await a_turn()
    assert answer.done()
    assert not connection.is_reusable
    assert line.written == b""
    connection.connection_lost(None)
    line.give_back()


async def test_what_comes_between_two_requests_answers_neither() -> None:
    line = FalseSocket()
    connection = connection_on(line)
    first = asked(connection)
    connection.flush()
    connection.data_received(EMPTY)
    later = asked(connection)
    connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
    await a_turn()
    error = later.exception()
    assert isinstance(error, HttpError)
    assert (error.code, error.protocol_state) == (Code.CLOSED, Stage.REQUEST_READY)
    assert (first.exception(), line.written, line.is_aborted) == (None, b"GET /", True)
    connection.connection_lost(None)
    line.give_back()


async def test_a_back_end_that_closes_in_the_last_moment_is_sent_nothing() -> None:
    line = FalseSocket()
    connection = connection_on(line)
    asked(connection)
    connection.flush()
    connection.data_received(EMPTY)
    answer = asked(connection)
    line.hang_up()
    await a_turn()
    error = answer.exception()
    assert isinstance(error, HttpError)
    assert (error.code, error.protocol_state) == (Code.CLOSED, Stage.REQUEST_READY)
    assert line.written == b"GET /"
    connection.connection_lost(None)
    line.give_back()
