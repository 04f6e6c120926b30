"""Tries cases one after the other in a process beside this one, so that one which hangs or crashes hides no other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection

from conformance.corpus import BROKEN, Row
from conformance.verdict import Gap, Mismatch, SetName, Verdict

PATIENCE = 30.0
"""Seconds that one case may take; most take less than a hundredth of one."""

Trial = Callable[[Row], None]
"""Tries a case. Raises Mismatch or Gap, and any other error for what nobody foresaw."""


def tried(rows: Iterable[Row], of: SetName, trial: Trial, patience: float = PATIENCE) -> Iterator[Verdict]:
    """Return what came of the trial of each case, in their order.

    A case that takes longer than `patience` seconds, or that ends the process which tries it, has failed; those behind
    it are tried in another process.
    """
    rest = list(rows)
    while rest:
        done = 0
        for found in _in_one_process(rest, of, trial, patience):
            yield found
            done += 1
        rest = rest[done:]


def _in_one_process(rows: Sequence[Row], of: SetName, trial: Trial, patience: float) -> Iterator[Verdict]:
    # a fork, because it has everything that a trial needs and begins at once
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_try_all, args=(rows, of, trial, there), daemon=True)
    process.start()
    there.close()  # so that the end of the process is the end of what can be read
    try:
        for row in rows:
            found = _said(here, patience)
            if isinstance(found, str):
                yield Verdict(row["id"], of, "fail", found)
                return
            yield found
    finally:
        process.kill()
        process.join()
        process.close()
        here.close()


def _said(here: Connection, patience: float) -> Verdict | str:
    """Return the next verdict, or why there is none."""
    if not here.poll(patience):
        return f"took longer than {patience:g} s"
    try:
        found: Verdict = here.recv()
    except EOFError:
        return "ended the process that tried it"
    return found


def _try_all(rows: Sequence[Row], of: SetName, trial: Trial, there: Connection) -> None:
    for row in rows:
        there.send(_verdict(row, of, trial))


def _verdict(row: Row, of: SetName, trial: Trial) -> Verdict:
    case = row["id"]
    if BROKEN in row:
        return Verdict(case, of, "fail", row[BROKEN])
    try:
        trial(row)
    except Gap as gap:
        return Verdict(case, of, "skip", str(gap))
    except Mismatch as mismatch:
        return Verdict(case, of, "fail", str(mismatch))
    except Exception as error:  # one broken case must not hide the others
        return Verdict(case, of, "fail", f"{type(error).__name__}: {error}")
    return Verdict(case, of, "pass")
