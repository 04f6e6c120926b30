"""Sustained fires: how many claimed occurrences per second one node runs, with a body that does nothing.

A real node on PostgreSQL or MariaDB, logging at ERROR. Tasks of one second are added in steps of 1,000 until something
is skipped; the highest step that skipped nothing is then watched for 60 s on a fresh node and database. Nothing
skipped means: the keys of all tasks advanced by exactly as many as were fired, the node counted no misfire and no
failure, and bodies did not pile up. PostgreSQL is told to count the rows once they are there (ANALYZE), which it does
by itself within a minute. The bare rate is the same claim statement in a loop that does nothing else, through the
driver alone, on the same table right afterwards: once in batches of the size the node used, which depends on how busy
the machine is, and once in the largest batches. It is the median of five rounds of 3 s, with the least and the largest
beside it; where these lie far apart, the share says little.

    python -m benchmarks.fires [--database postgresql|mariadb] [--seconds 60] [--first 6000] [--last 15000]
"""

from statistics import median

from servers.server import Database

from benchmarks.bare_update import bare_rates
from benchmarks.books import Account
from benchmarks.load_steps import SEQUENCE
from benchmarks.results import Figure, Figures
from benchmarks.sustained import sustained
from micro_integrator.database import MAX_ROWS

NOTHING = f'<sequence xmlns="http://ws.apache.org/ns/synapse" name="{SEQUENCE}"><drop/></sequence>'


def bare(account: Account, database: Database) -> Figures:
    """Return the rates of the bare loop and what part of them the node reached."""
    figures: dict[str, Figure] = {}
    for what, batch in (("the node's batches", account.batch), (f"batches of {MAX_ROWS}", MAX_ROWS)):
        rates = bare_rates(database, batch)
        shown = f"{median(rates):,.0f} ({min(rates):,.0f} - {max(rates):,.0f})"
        figures[f"bare claims/s in {what}: median (min - max)"] = shown
        figures[f"share of it, %, {what}"] = round(100 * account.rate / median(rates))
    return figures


if __name__ == "__main__":
    sustained("fires", NOTHING, goal=6000, last=15000, beside=bare)
