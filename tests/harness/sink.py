"""An HTTP server that writes down what tasks do: one request is one body of one occurrence.

It answers at once, or when the test lets it: a body lasts as long as its request.
"""

import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations, pairwise
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from harness.waiting import LIMIT


@dataclass
class Arrival:
    """One request: which occurrence it was, who sent it, when it came and when it was answered."""

    task: str
    key: int | None
    trigger_seq: int | None
    fence: int
    node: str
    redelivered: bool
    at: float
    """Seconds of this machine's monotonic clock."""
    ended: float | None = None

    @classmethod
    def of(cls, path: str) -> Self:
        """Read the request line of `artifacts.to_sink`."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        return cls(
            task=said["task"],
            key=int(said["key"]) if "key" in said else None,
            trigger_seq=int(said["seq"]) if "seq" in said else None,
            fence=int(said["fence"]),
            node=said["node"],
            redelivered=said.get("redelivered") == "true",
            at=time.monotonic(),
        )


@dataclass
class Tenure:
    """The time in which one owner ran a task, as far as it was seen: from its first body to the end of its last."""

    node: str
    fence: int
    since: float
    until: float


class Sink:
    """Records arrivals; `hold(task)` keeps its bodies waiting for their answer until `release(task)`."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.unreadable: list[str] = []
        """First lines of requests that are none: whoever sent them has lost its place in a connection."""
        self._changed = threading.Condition()
        self._held: set[str] = set()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.sink = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sink")

    @property
    def url(self) -> str:
        """Where requests go."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._held.clear()
            self._changed.notify_all()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # what the test lets it do

    def hold(self, task: str) -> None:
        """From now on leave requests of `task` unanswered."""
        with self._changed:
            self._held.add(task)

    def release(self, task: str) -> None:
        """Answer the waiting requests of `task`, and new ones at once."""
        with self._changed:
            self._held.discard(task)
            self._changed.notify_all()

    def wait_for(self, count: int, task: str | None = None, within: float = LIMIT) -> list[Arrival]:
        """Return the arrivals (of `task`) as soon as there are `count`."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.of(task)) >= count, within)
            found = self.of(task)
        assert came, f"{len(found)} of {count} arrivals of {task or 'any task'} within {within:g} s: {found}"
        return found

    def wait_for_more(self, count: int, task: str | None = None) -> list[Arrival]:
        """Return all arrivals as soon as there are `count` more than now."""
        return self.wait_for(len(self.of(task)) + count, task)

    # the books

    def of(self, task: str | None) -> list[Arrival]:
        """Return the arrivals of `task` (None: of all) in the order they came."""
        return [arrival for arrival in list(self.arrivals) if task in {None, arrival.task}]

    def keys(self, task: str) -> list[int]:
        """Return the keys of `task` in the order they came; runs by hand have none."""
        return [arrival.key for arrival in self.of(task) if arrival.key is not None]

    def duplicates(self, task: str | None = None) -> list[tuple[str, int]]:
        """Return the occurrences that came more than once."""
        came = Counter((each.task, each.key) for each in self.of(task) if each.key is not None)
        return sorted(occurrence for occurrence, times in came.items() if times > 1)

    def gaps(self, task: str) -> list[int]:
        """Return the ordinals below the newest key of an interval task that never came."""
        keys = set(self.keys(task))
        return sorted(set(range(max(keys, default=0))) - keys)

    def overlaps(self, task: str) -> list[tuple[Arrival, Arrival]]:
        """Return neighbours of which the second came before the first was answered."""
        pairs = pairwise(sorted(self.of(task), key=lambda arrival: arrival.at))
        return [(one, other) for one, other in pairs if one.ended is None or other.at < one.ended]

    def stale(self, task: str) -> list[Arrival]:
        """Return arrivals with a smaller fence than one that had come before."""
        newest: dict[str, int] = defaultdict(int)
        found = []
        for arrival in self.of(task):
            if arrival.fence < newest[arrival.task]:
                found.append(arrival)
            newest[arrival.task] = max(newest[arrival.task], arrival.fence)
        return found

    def tenures(self, task: str) -> list[Tenure]:
        """Return the owners of `task` by the time they began; a body without an answer lasts until now."""
        found: dict[tuple[str, int], Tenure] = {}
        for arrival in self.of(task):
            until = time.monotonic() if arrival.ended is None else arrival.ended
            owner = (arrival.node, arrival.fence)
            tenure = found.setdefault(owner, Tenure(*owner, arrival.at, until))
            tenure.since, tenure.until = min(tenure.since, arrival.at), max(tenure.until, until)
        return sorted(found.values(), key=lambda tenure: tenure.since)

    def rivals(self, task: str) -> list[tuple[Tenure, Tenure]]:
        """Return the pairs of owners of `task` whose tenures overlap; a node with two fences is two owners."""
        return [(one, other) for one, other in combinations(self.tenures(task), 2) if other.since < one.until]

    def longest_silence(self, task: str, since: float, until: float) -> float:
        """Return the most seconds without an arrival of `task` between two moments of the monotonic clock."""
        heard = sorted(arrival.at for arrival in self.of(task) if since < arrival.at < until)
        return max(later - earlier for earlier, later in pairwise([since, *heard, until]))

    # the server's side

    def take(self, path: str) -> Arrival:
        """Write a request down; returns when it may be answered."""
        arrival = Arrival.of(path)
        with self._changed:
            self.arrivals.append(arrival)
            self._changed.notify_all()
            self._changed.wait_for(lambda: arrival.task not in self._held)
            arrival.ended = time.monotonic()
        return arrival


class _Server(ThreadingHTTPServer):
    """A thread per connection; those that still wait for a client do not hold up the end of the tests."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    sink: Sink

    def handle_error(self, request: object, client_address: object) -> None:
        """A node that was killed has cut its connections: that is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.sink.take(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"ok")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that cannot be read, and keep it for the test."""
        self.server.sink.unreadable.append(self.requestline)
        super().send_error(code, message, explain)

    def log_message(self, *_: object) -> None:
        """The arrivals are the log."""
