"""Deliberate faults by name; the model must catch each of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from model.mutation import changed_column, changed_function, changed_text

from micro_integrator.cluster import group_statements, statements
from micro_integrator.cluster.failure_detector import FailureDetector, _live_row
from micro_integrator.cluster.lease import Sighting, Tenure
from micro_integrator.cluster.lease_thread import LeaseThread
from micro_integrator.cluster.ownership import DatabaseFences
from micro_integrator.tasks import Tasks
from micro_integrator.tasks.claims import Claims
from micro_integrator.tasks.release import release
from micro_integrator.tasks.scheduler import Scheduler

Fault = AbstractContextManager[None]
Mutant = Callable[[], Fault]


def claim_without_fence_and_owner() -> Fault:
    """A claim lands whoever owns the row."""
    return changed_text(statements.CLAIM, "where", "f.OWNER_BOOT_ID = :boot AND f.FENCE = v.F AND ", "")


def claim_without_definition() -> Fault:
    """A claim lands whatever the current definition is."""
    return changed_text(statements.CLAIM, "where", "f.DEF_HASH = v.D AND ", "")


def new_claim_id_for_each_sending() -> Fault:
    """A claim of unknown outcome does not recognise its own copy."""
    return changed_function(
        Claims._claim,
        "for asked in batch], claim_id)",
        "for asked in batch], (claim_id := f'{self._cluster.boot_id}:{secrets.token_hex(8)}'))",
    )


def read_in_place_of_a_claim() -> Fault:
    """A claim of unknown outcome is settled by a look at the row."""
    return changed_function(
        Claims._claim,
        "await self._clock.sleep(next(delays))",
        """rows = await self._cluster.fences.read()
            self._decided(batch, {row.task for row in rows if row.claim_id == claim_id}, claim_id)
            return""",
    )


def read_in_place_of_a_hand_over() -> Fault:
    """A release of unknown outcome is settled by a read that shows me as owner."""
    return changed_function(
        release,
        "        if left:\n",
        "        left = [one for one in left if not await _is_mine(cluster, one, boot_id)]\n        if left:\n",
    )


def leases_read_before_tasks() -> Fault:
    """The sweep judges tasks by leases that it has read a moment before."""
    return changed_function(
        DatabaseFences.read,
        "return [_row(row) for row in",
        """look = await self._source.rows(group_sql.SNAPSHOT, group=self._identity.group_id)
    holding = {row[2] for row in look if row[0] == "lease" and row[3] in ("ACTIVE", "DRAINING")}
    return [_row((*row[:-2], row[3] in holding, row[-1])) for row in""",
    )


def eviction_without_renewal_number() -> Fault:
    """A member is evicted although it has renewed since it was judged."""
    return changed_text(group_statements.EVICT_LEASE, "text", "AND RENEW_SEQ = :seen_seq ", "")


def no_grace_for_clocks() -> Fault:
    """A judge waits L, not L + G."""
    return changed_function(Sighting.expires_at, " + grace(row.length)", "")


def deadline_of_any_boot_id() -> Fault:
    """What began under a former boot id may go on under a new one."""
    return changed_function(LeaseThread.may_act, "grant.boot_id == boot_id and ", "")


def no_deadline_before_the_body() -> Fault:
    """A claim that was answered late is acted upon."""
    return changed_function(Scheduler._body, "not fire.may_act()", "False")


def claims_overtake_the_log() -> Fault:
    """A claim is sent while lines that name older keys are on their way to the log."""
    return changed_function(Claims._claim, "await self._let_lines_be_written(batch)", "pass")


def left_while_a_body_runs() -> Fault:
    """LEFT is written although a body ignores its cancellation."""
    return changed_function(Tasks.has_bodies, "return any(", "return False and any(")


def hand_over_without_a_new_fence() -> Fault:
    """The heir gets the task under the fence of the one who left."""
    return changed_column(statements.RELEASE_TASKS, "FENCE", "f.FENCE")


def deletion_without_orphan_since() -> Fault:
    """A row is deleted although its task was deployed again and taken away anew since it was judged."""
    return changed_text(statements.DELETE_ORPHAN, "text", "AND ORPHAN_SINCE = :since", "")


def evidence_against_whoever_has_the_node_id() -> Fault:
    """Evidence of the death of a process ends the lease of the next one of its node."""
    return changed_function(_live_row, "row.boot_id == boot_id and ", "")


def endpoint_kept_after_a_false_eviction() -> Fault:
    """A process that was evicted alive can be looked for again."""
    return changed_function(LeaseThread._advertised, "if self._was_evicted_alive:", "if False:")


def false_eviction_overlooked_until_the_deadline() -> Fault:
    """Who is told that it was evicted alive goes on for as long as its lease would have lasted."""
    return changed_function(Tenure.judge_miss, "return Verdict.EVICTED_ALIVE", "return Verdict.OVERTAKEN")


def hint_taken_for_a_look() -> Fault:
    """The signal that a hint names counts as seen, before any snapshot shows it."""
    return changed_function(
        FailureDetector.looked_for,
        "self._watch.look_soon()",
        """self._watch.snapshot and object.__setattr__(self._watch.snapshot, "seq", seq)
    self._watch.look_soon()""",
    )


def renewal_heard_without_its_time() -> Fault:
    """A judge hears of a renewal over the wire, and counts from an older one."""
    return changed_function(
        Sighting.hear,
        "self.seen, self.since = (boot_id, self.seen[1], renew_seq), at",
        "self.seen = (boot_id, self.seen[1], renew_seq)",
    )
