"""Clients that go on asking while something happens to the node, and keep the books."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from gateway.caller import Answer, Caller

CLIENTS = 8
PACE = 0.04
"""Seconds between two requests of one client: eight of them ask 200 times a second."""

Question = Callable[[Caller], Answer]


class Load:
    """Eight clients on kept connections, from the beginning of the block to its end."""

    def __init__(self, connect: Callable[[], Caller], question: Question, wanted: bytes) -> None:
        """`connect` opens a connection, `question` asks once; any answer but 200 with a body of `wanted` has failed."""
        self._connect, self._question, self._wanted = connect, question, wanted
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._ask_on) for _ in range(CLIENTS)]
        self.answered = 0
        self.failures: Counter[str] = Counter()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self, count: int) -> None:
        """Return when so many further requests were answered; fails when they are not."""
        wanted, until = self.answered + count, time.monotonic() + 40
        while self.answered < wanted:
            assert time.monotonic() < until, f"{self.answered} answers, {self.failures}"
            time.sleep(0.01)

    def _ask_on(self) -> None:
        while not self._is_over.is_set():
            try:
                with self._connect() as caller:
                    self._ask_on_one_connection(caller)
            except Exception as error:  # whatever it is: a request has failed
                self.failures[repr(error)] += 1

    def _ask_on_one_connection(self, caller: Caller) -> None:
        while not self._is_over.wait(PACE):
            answer = self._question(caller)
            if answer.status == 200 and answer.body == self._wanted:
                self.answered += 1  # by several threads, but nobody minds a lost one
            else:
                self.failures[f"{answer.status} {answer.body[:40]!r}"] += 1
            if answer.is_last:
                return
