"""The proof has teeth: a copy of the package with one safety rule taken out turns the named test red."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
FAILED = 1
"""Exit code of pytest when tests ran and failed; anything else would mean that they did not run."""


@dataclass(frozen=True)
class Sabotage:
    """What is changed in the copy, which test must notice, and what it must say."""

    changes: tuple[tuple[str, str, str], ...]
    """File, a text that occurs in it once, and what takes its place."""
    caught_by: str
    because: str


READ_THEN_WRITE = Sabotage(
    changes=(
        (
            "cluster/ownership.py",
            "        return await self._claims.update(\n            sql.CLAIM, values,",
            "        seen = {row.task: row for row in await self.read()}\n"
            '        values = [one for one in values if seen[one["T"]].last_key < one["K"]]\n'
            "        return await self._claims.update(\n            sql.CLAIM, values,",
        ),
        ("cluster/statements.py", "(f.LAST_FIRE_KEY < v.K AND (v.C", "(f.LAST_FIRE_KEY <= v.K AND (v.C"),
    ),
    caught_by="test_claims.py::test_rivals_with_one_boot_id_and_fence_never_both_win_an_occurrence",
    because="was won by both",
)

LEASE_IN_THE_MAIN_LOOP = Sabotage(
    changes=(
        (
            "cluster/lease_thread.py",
            "        self._thread.start()\n",
            "        self._loop = self._main\n        self._main.create_task(self._live())\n",
        ),
    ),
    caught_by="test_lease_thread.py::"
    "test_a_body_that_blocks_the_event_loop_longer_than_the_lease_does_not_cost_it",
    because="renewals while a body blocks the loop",
)

DONE_BEFORE_THE_BODY = Sabotage(
    changes=(
        (
            "tasks/scheduler.py",
            "            state = await self._perform(owned, fire)\n            if fire.key is not None:\n",
            '            state = "DONE"\n            if fire.key is not None:\n',
        ),
        (
            "tasks/scheduler.py",
            "fire.key, claim_id, state))\n",
            "fire.key, claim_id, state))\n            await self._perform(owned, fire)\n",
        ),
    ),
    caught_by="test_bodies.py::test_a_body_cut_short_by_a_kill_is_named_by_the_next_life_and_not_repeated",
    because="the table says how a body ended that still runs",
)


@pytest.mark.parametrize(
    "sabotage",
    [READ_THEN_WRITE, LEASE_IN_THE_MAIN_LOOP, DONE_BEFORE_THE_BODY],
    ids=["claim-as-read-then-write", "lease-renewed-by-the-main-loop", "done-written-before-the-body"],
)
def test_without_the_rule_a_test_fails(sabotage: Sabotage, tmp_path: Path) -> None:
    for place in ("micro_integrator", "bin"):
        shutil.copytree(CHECKOUT / place, tmp_path / place, ignore=shutil.ignore_patterns("__pycache__"))
    for file, rule, instead in sabotage.changes:
        path = tmp_path / "micro_integrator" / file
        text = path.read_text()
        assert text.count(rule) == 1, f"{file} has changed: let the sabotage fit again\n{rule}"
        path.write_text(text.replace(rule, instead))
    caught_by = f"{Path(__file__).parent / sabotage.caught_by}[sqlite]"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", caught_by],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == FAILED, ran.stdout + ran.stderr
    assert sabotage.because in ran.stdout, ran.stdout
