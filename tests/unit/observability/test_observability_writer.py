"""The background writer: nobody who speaks waits."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from micro_integrator.observability import writer as writer_module
from micro_integrator.observability.journal import Journal
from micro_integrator.observability.layouts import Record
from micro_integrator.observability.levels import ERROR, INFO, Names
from micro_integrator.observability.writer import Writer

NAMES = Names("A", "b.A", "b")


class Place:
    """A target that can be held up."""

    name = "a place"

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_open = threading.Event()
        self.is_open.set()
        self.began = threading.Event()
        self.closed = threading.Event()

    def write(self, lines: bytes) -> None:
        self.began.set()
        assert self.is_open.wait(10)
        self.written.append(lines)

    def close(self) -> None:
        self.closed.set()


def line(text: str, level: int = INFO) -> Record:
    return Record(0, level, NAMES, text, {})


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def writer(place: Place) -> Iterator[Writer]:
    made = Writer(place, lambda record: record.message)
    yield made
    place.is_open.set()
    made.close()


def test_lines_arrive_in_order_and_many_at_a_time(place: Place, writer: Writer) -> None:
    for number in range(500):
        writer.put(line(str(number)))
    assert _flush(writer, 10)
    assert b"".join(place.written).split() == [str(number).encode() for number in range(500)]
    assert len(place.written) < 50


def test_a_stuck_place_holds_nobody_up_and_a_bounded_number_of_lines(
    place: Place, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "QUEUED_LINES", 10)
    place.is_open.clear()
    writer.put(line("first", ERROR))
    assert place.began.wait(10)
    for number in range(15):
        writer.put(line(str(number)))
    assert not _flush(writer, 0.01)
    place.is_open.set()
    assert _flush(writer, 10)
    text = b"".join(place.written).decode()
    assert text.startswith("first\n5 log lines are missing before this one\n0\n1\n")
    assert text.endswith("\n9\n")


def test_an_error_is_written_without_waiting_for_company(
    place: Place, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "GATHERING", 3600)
    writer.put(line("info"))
    writer.put(line("error", ERROR))
    assert place.began.wait(10)
    assert _flush(writer, 10)
    assert place.written[0] == b"info\nerror\n"


def test_a_closed_writer_ends_after_what_it_has(place: Place, writer: Writer) -> None:
    writer.put(line("last"))
    writer.close()
    assert place.closed.wait(10)
    assert place.written == [b"last\n"]


def test_a_writer_that_was_never_used_has_nothing_to_flush_or_end(writer: Writer) -> None:
    assert _flush(writer, 0)
    writer.close()


def test_lines_below_the_threshold_are_not_taken(place: Place) -> None:
    picky = Writer(place, lambda record: record.message, at_least=ERROR)
    picky.put(line("info"))
    picky.put(line("error", ERROR))
    assert _flush(picky, 10)
    picky.close()
    assert place.written == [b"error\n"]


def test_characters_no_encoding_knows_are_written_out(place: Place, writer: Writer) -> None:
    writer.put(line("\udc80"))
    assert _flush(writer, 10)
    assert place.written == [b"\\udc80\n"]


async def test_who_waits_for_the_log_is_told_when_it_is_written_and_is_not_held_up_by_a_stuck_place(
    place: Place, writer: Writer
) -> None:
    journal = Journal()
    journal.use_outputs((writer,))
    writer.put(line("named"))
    assert await journal.written(10)
    assert place.written == [b"named\n"]
    place.is_open.clear()
    writer.put(line("stuck"))
    assert not await journal.written(0.01)
    began = time.monotonic()
    assert not await journal.written(10)
    assert time.monotonic() - began < 5, "it was waited for once more"
    place.is_open.set()
    assert _flush(writer, 10)
    await asyncio.sleep(0)  # what the thread has told is heard in the loop
    assert await journal.written(10)


def _flush(writer: Writer, limit: float) -> bool:
    written = threading.Event()
    writer.when_written(written.set)
    return written.wait(limit)
