"""Nineteen deliberate faults in the shipped code; the model catches each, with the trouble that is apt to show it."""

from collections.abc import Iterator
from itertools import islice

import pytest
from model.boundaries import FAULTS, every_boundary, told
from model.mutants import (
    Mutant,
    claim_without_definition,
    claim_without_fence_and_owner,
    claims_overtake_the_log,
    deadline_of_any_boot_id,
    deletion_without_orphan_since,
    endpoint_kept_after_a_false_eviction,
    eviction_without_renewal_number,
    evidence_against_whoever_has_the_node_id,
    false_eviction_overlooked_until_the_deadline,
    hand_over_without_a_new_fence,
    hint_taken_for_a_look,
    leases_read_before_tasks,
    left_while_a_body_runs,
    new_claim_id_for_each_sending,
    no_deadline_before_the_body,
    no_grace_for_clocks,
    read_in_place_of_a_claim,
    read_in_place_of_a_hand_over,
    renewal_heard_without_its_time,
)
from model.stories import (
    CLAIM,
    MOMENTS,
    Story,
    a_claim_is_late_by_a_little,
    a_claim_outlives_its_owner,
    a_deletion_is_slow,
    a_leaver_has_a_stubborn_body,
    a_release_is_late,
    a_slow_clock_is_cut_off_from_a_fast_judge,
    an_eviction_meets_a_renewal,
    an_heir_joins_during_a_sweep,
    an_owner_freezes_in_a_stubborn_body,
    tell,
)
from model.task_stories import (
    a_definition_changes_under_a_claim,
    an_owner_dies_with_a_claim_that_passes_over_keys,
)
from model.wire_stories import (
    a_hint_comes_before_what_it_tells_of,
    evidence_comes_when_its_node_is_back,
    false_evidence_of_who_is_frozen,
    false_evidence_twice,
)
from model.witness import Violation

MOST_RUNS = 200
"""A mutant that lives through so many runs has not been caught."""


@pytest.mark.parametrize(
    ("mutant", "fault", "rule"),
    [
        (new_claim_id_for_each_sending, "lost answer", "L"),
        (no_deadline_before_the_body, "freeze before the answer", "P2"),
    ],
)
def test_a_fault_at_a_claim_shows_the_mutant(mutant: Mutant, fault: str, rule: str) -> None:
    faults = [one for one in FAULTS if one.fate.kind == fault]

    def runs() -> Iterator[None]:
        for number, one in every_boundary(faults, CLAIM):
            told(number, one)
            yield

    _catch(mutant, runs(), rule)


@pytest.mark.parametrize(
    ("mutant", "story", "rule"),
    [
        (claim_without_fence_and_owner, a_claim_outlives_its_owner, "P3"),
        (claim_without_definition, a_definition_changes_under_a_claim, "P3"),
        (read_in_place_of_a_claim, a_claim_is_late_by_a_little, "L"),
        (read_in_place_of_a_hand_over, a_release_is_late, "P2"),
        (leases_read_before_tasks, an_heir_joins_during_a_sweep, "P2"),
        (eviction_without_renewal_number, an_eviction_meets_a_renewal, "P2"),
        (no_grace_for_clocks, a_slow_clock_is_cut_off_from_a_fast_judge, "P2"),
        (deadline_of_any_boot_id, an_owner_freezes_in_a_stubborn_body, "P2"),
        (claims_overtake_the_log, an_owner_dies_with_a_claim_that_passes_over_keys, "unaccounted"),
        (left_while_a_body_runs, a_leaver_has_a_stubborn_body, "P2"),
        (hand_over_without_a_new_fence, an_heir_joins_during_a_sweep, "P3"),
        (deletion_without_orphan_since, a_deletion_is_slow, "P3"),
        (evidence_against_whoever_has_the_node_id, evidence_comes_when_its_node_is_back, "P2"),
        (endpoint_kept_after_a_false_eviction, false_evidence_twice, "P2"),
        (false_eviction_overlooked_until_the_deadline, false_evidence_twice, "P2"),
        (hint_taken_for_a_look, a_hint_comes_before_what_it_tells_of, "P4"),
        (renewal_heard_without_its_time, false_evidence_of_who_is_frozen, "P2"),
    ],
)
def test_a_story_shows_the_mutant(mutant: Mutant, story: Story, rule: str) -> None:
    def runs() -> Iterator[None]:
        for moment in MOMENTS:
            tell(story, moment)
            yield

    _catch(mutant, runs(), rule)


def _catch(mutant: Mutant, runs: Iterator[None], rule: str) -> None:
    with mutant(), pytest.raises(Violation, match=rf": {rule}\b"):
        for _ in islice(runs, MOST_RUNS):
            pass
