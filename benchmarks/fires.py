"""Sustained fires: how many claimed occurrences per second one node runs, with a body that does nothing.

A real node on PostgreSQL or MariaDB with commits flushed to disk (read back from the server), logging at ERROR. Tasks
of one second are added in steps of 1,000 until an occurrence is skipped; the highest step that skips nothing is then
watched for 60 s. Nothing skipped means: the keys of all tasks advanced by exactly as many as were fired, and the node
counted no misfire and no failure. The bare rate is the same claim statement, in batches of the size the node used,
in a loop that does nothing else, through the driver alone, on the same table right afterwards.

    python -m benchmarks.fires [--database postgresql|mariadb] [--seconds 60] [--first 6000] [--last 15000]
"""

from argparse import ArgumentParser

from benchmarks.bare_update import bare_rate
from benchmarks.databases import durability, fresh_database
from benchmarks.load_steps import STEP, LoadSteps
from benchmarks.nodes import QUIET, deploy, running_node
from benchmarks.results import Run

GOAL = 6000
SEQUENCE = '<sequence xmlns="http://ws.apache.org/ns/synapse" name="nothing"><drop/></sequence>'


def main() -> None:
    """Measure and record one database."""
    options = ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--database", choices=("postgresql", "mariadb"), default="postgresql")
    options.add_argument("--seconds", type=float, default=60.0, help="length of the run that counts")
    options.add_argument("--first", type=int, default=GOAL, help="tasks to begin with, in steps of 1,000")
    options.add_argument("--last", type=int, default=15 * STEP, help="tasks to end with")
    asked = options.parse_args()
    run = Run("fires", asked.database)
    with fresh_database(asked.database) as database:
        with running_node(database, QUIET) as node:
            deploy(node, "nothing.xml", SEQUENCE)
            steps = LoadSteps(node, database, "nothing")
            account = steps.highest(asked.first, asked.last, asked.seconds)
            node.stop()
        if account is None:
            run.record({"fires/s, nothing skipped": 0}, met=False)
            return
        bare = bare_rate(database, account.batch)
        run.record(
            {
                "fires/s, nothing skipped": round(account.rate),
                "seconds": round(account.seconds),
                "node, % of one core": round(account.cpu),
                "claims answered > 0.2 s late, %": round(account.late, 2),
                "rows per claim statement": account.batch,
                "bare claims/s": round(bare),
                "share of the bare rate, %": round(100 * account.rate / bare),
                "durability": durability(database),
            },
            met=account.rate >= GOAL * 0.995,
        )


if __name__ == "__main__":
    main()
