"""Sustained fires with an HTTP call each: how many claimed occurrences per second one node runs, each calling a sink.

As `benchmarks.fires`, but the body is one `<call>` to a sink on the loopback address, which runs as a process of its
own on the same machine, counts, and answers 200. Its count is shown beside the fires: both grow alike.

    python -m benchmarks.fires_http [--database postgresql|mariadb] [--seconds 60] [--first 3000] [--last 9000]
"""

from servers.server import Database

from benchmarks.books import Account
from benchmarks.http_sink import running_sink
from benchmarks.load_steps import SEQUENCE
from benchmarks.results import Figures
from benchmarks.sustained import sustained

CALL = """
<sequence xmlns="http://ws.apache.org/ns/synapse" name="{name}">
    <call><endpoint><http method="post" uri-template="{url}"/></endpoint></call>
</sequence>
"""


def arrivals(account: Account, database: Database) -> Figures:
    """Return the rate at the sink."""
    return {"requests/s at the sink": round(account.arrivals / account.seconds)}


if __name__ == "__main__":
    with running_sink() as sink:
        call = CALL.format(name=SEQUENCE, url=sink.url)
        sustained("fires_http", call, goal=3000, last=9000, beside=arrivals, arrived=sink.count)
