"""What this process is doing right now, as text: background work by name, threads by stack."""

import asyncio
import sys
import threading
import traceback
from collections.abc import Iterator


def describe_work(loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Yield lines: a heading and its stack for each unfinished piece of background work and for each thread."""
    yield from _background_work(loop)
    yield from _threads()


def unfinished(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Return the names of what keeps this process busy: background work and threads that are not daemons."""
    work = [each.get_name() for each in asyncio.all_tasks(loop)]
    threads = [
        f"thread {each.name}"
        for each in threading.enumerate()
        if not each.daemon and each is not threading.main_thread()
    ]
    return sorted(work) + sorted(threads)


def _background_work(loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    for each in sorted(asyncio.all_tasks(loop), key=lambda work: work.get_name()):
        yield f'"{each.get_name()}" (background work)'
        for frame in each.get_stack():
            yield _place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def _threads() -> Iterator[str]:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        yield f'"{names.get(ident, ident)}" (thread)'
        for entry in reversed(traceback.extract_stack(frame)):
            yield _place(entry.filename, entry.lineno, entry.name)


def _place(file: str, line: int | None, function: str) -> str:
    return f"    at {function} ({file}:{line})"
