"""Sustained fires with an HTTP call each: how many claimed occurrences per second one node runs, each calling a sink.

As `benchmarks.fires`, but the body is one GET over a kept connection to a sink on the loopback address, which runs as
a process of its own on the same machine, counts, and answers 200. The requests that arrived are compared with the
fires: both must be the same number, but for those that are under way when the counting begins and ends.

    python -m benchmarks.fires_http [--database postgresql|mariadb] [--seconds 60] [--first 3000] [--last 9000]
"""

from argparse import ArgumentParser

from benchmarks.databases import durability, fresh_database
from benchmarks.http_sink import running_sink
from benchmarks.load_steps import STEP, LoadSteps
from benchmarks.nodes import QUIET, deploy, running_node
from benchmarks.results import Run

GOAL = 3000
SEQUENCE = """
<sequence xmlns="http://ws.apache.org/ns/synapse" name="tell">
    <call><endpoint><http method="get" uri-template="{url}"/></endpoint></call>
</sequence>
"""


def main() -> None:
    """Measure and record one database."""
    options = ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--database", choices=("postgresql", "mariadb"), default="postgresql")
    options.add_argument("--seconds", type=float, default=60.0, help="length of the run that counts")
    options.add_argument("--first", type=int, default=GOAL, help="tasks to begin with, in steps of 1,000")
    options.add_argument("--last", type=int, default=9 * STEP, help="tasks to end with")
    asked = options.parse_args()
    run = Run("fires_http", asked.database)
    with fresh_database(asked.database) as database, running_sink() as sink:
        with running_node(database, QUIET) as node:
            deploy(node, "tell.xml", SEQUENCE.format(url=sink.url))
            steps = LoadSteps(node, database, "tell", arrived=sink.count)
            account = steps.highest(asked.first, asked.last, asked.seconds)
            node.stop()
        if account is None:
            run.record({"fires/s, nothing skipped": 0}, met=False)
            return
        run.record(
            {
                "fires/s, nothing skipped": round(account.rate),
                "requests/s at the sink": round(account.arrivals / account.seconds),
                "seconds": round(account.seconds),
                "node, % of one core": round(account.cpu),
                "claims answered > 0.2 s late, %": round(account.late, 2),
                "rows per claim statement": account.batch,
                "durability": durability(database),
            },
            met=account.rate >= GOAL * 0.995,
        )


if __name__ == "__main__":
    main()
