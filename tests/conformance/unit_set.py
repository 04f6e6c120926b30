"""The unit cases: a message, then mediators, an expression or a request, and what must have come of it."""

import asyncio
from collections.abc import Iterator

from conformance.corpus import Corpus, Row
from conformance.dispatching import dispatch
from conformance.evaluating import evaluate
from conformance.mediating import mediate
from conformance.trials import tried
from conformance.verdict import Gap, Verdict

from micro_integrator.observability import recorded_lines

ROWS = "cases/unit.jsonl"


def unit_verdicts(corpus: Corpus) -> Iterator[Verdict]:
    """Try every case, one after the other."""
    with recorded_lines():
        yield from tried(corpus.rows(ROWS), "unit", lambda case: asyncio.run(_try(case)))


async def _try(case: Row) -> None:
    if "dispatch" in case:
        await dispatch(case["dispatch"], case["expect"])
    elif "evaluate" in case:
        await evaluate(case)
    elif "mediators" in case:
        await mediate(case)
    else:
        raise Gap(f"the runner knows no case with {', '.join(sorted(case))}")
