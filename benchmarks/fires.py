"""Sustained fires: how many claimed occurrences per second one node runs, with a body that does nothing.

A real node on PostgreSQL or MariaDB, logging at ERROR. Tasks of one second are added in steps of 1,000 until something
is skipped; the highest step that skipped nothing is then watched for 60 s on a fresh node and database. Nothing
skipped means: the keys of all tasks advanced by exactly as many as were fired, the node counted no misfire and no
failure, and bodies did not pile up. PostgreSQL is told to count the rows once they are there (ANALYZE), which it does
by itself within a minute. The bare rate is the same claim statement, in batches of the size the node used, in a loop
that does nothing else, through the driver alone, on the same table right afterwards.

    python -m benchmarks.fires [--database postgresql|mariadb] [--seconds 60] [--first 6000] [--last 15000]
"""

from servers.server import Database

from benchmarks.bare_update import bare_rate
from benchmarks.books import Account
from benchmarks.load_steps import SEQUENCE
from benchmarks.sustained import Figures, sustained

NOTHING = f'<sequence xmlns="http://ws.apache.org/ns/synapse" name="{SEQUENCE}"><drop/></sequence>'


def bare(account: Account, database: Database) -> Figures:
    """Return the rate of the bare loop and what part of it the node reached."""
    rate = bare_rate(database, account.batch)
    return {"bare claims/s": round(rate), "share of the bare rate, %": round(100 * account.rate / rate)}


if __name__ == "__main__":
    sustained("fires", NOTHING, goal=6000, last=15000, beside=bare)
