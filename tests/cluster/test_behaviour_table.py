"""Where each behaviour of coordination section 7 is proved, or what brings it later."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]

MEMBERSHIP, PROCESSORS, INBOUNDS = "cluster membership", "processors", "inbound endpoints"
LATER = {MEMBERSHIP, PROCESSORS, INBOUNDS}

HOMES, RESTARTS, TROUBLE = (
    "cluster/test_two_homes.py",
    "cluster/test_restarts.py",
    "cluster/test_coordination_trouble.py",
)
AFTER_KILL = f"{RESTARTS}::test_completed_stay_completed_paused_stay_paused_and_counts_go_on_after_a_kill"
RANDOM_ID = (
    f"{RESTARTS}::test_completed_stay_completed_paused_stay_paused_and_counts_go_on_under_another_random_id"
)
TOGETHER = f"{HOMES}::test_a_task_is_scheduled_on_one_node_of_two_that_start_together"
HAND_OVER = f"{HOMES}::test_two_homes_never_fire_the_same_key_and_each_takes_over_from_the_other"
ONE_SHOT = f"{HOMES}::test_a_one_shot_task_runs_once_in_the_whole_group_and_its_row_outlives_its_owner"
SUBSET = f"{HOMES}::test_a_task_runs_where_it_is_deployed_and_its_row_goes_with_the_last_deployment"
FULL_MEMBER = f"{RESTARTS}::test_a_node_that_stops_and_starts_at_once_is_a_full_member_without_an_error"

BEHAVIOURS: dict[int, tuple[str, ...]] = {
    1: (TOGETHER,),
    2: (MEMBERSHIP,),
    3: (MEMBERSHIP,),
    4: (MEMBERSHIP,),
    5: (FULL_MEMBER,),
    6: (TOGETHER,),
    7: (MEMBERSHIP,),
    8: (ONE_SHOT,),
    9: ("cluster/test_pinned_tasks.py::test_a_pinned_task_runs_on_the_named_server_only_and_has_no_row",),
    10: (HAND_OVER, ONE_SHOT),
    11: (AFTER_KILL, RANDOM_ID),
    12: (SUBSET, MEMBERSHIP),
    13: (PROCESSORS,),
    14: (PROCESSORS,),
    15: (PROCESSORS,),
    16: (PROCESSORS,),
    17: (PROCESSORS,),
    18: (PROCESSORS,),
    19: (PROCESSORS,),
    20: (
        "cluster/test_freezes.py::"
        "test_after_a_freeze_longer_than_the_lease_missed_fires_are_counted_and_not_made_up_in_a_burst",
        MEMBERSHIP,
    ),
    21: (MEMBERSHIP,),
    22: (
        f"{TROUBLE}::"
        "test_while_the_database_is_away_coordinated_tasks_stop_by_the_deadline_and_go_on_by_themselves",
        INBOUNDS,
    ),
    23: (PROCESSORS,),
    24: (INBOUNDS,),
    25: (INBOUNDS,),
    26: (
        "unit/tasks/test_occurrence_keys.py::"
        "test_a_cron_task_moved_after_its_time_does_not_fire_before_the_next_day",
    ),
    27: (
        "cluster/test_node_ids.py::"
        "test_the_second_node_with_an_id_never_fires_says_who_holds_it_and_takes_its_place_once_it_is_free",
    ),
    28: (FULL_MEMBER,),
    29: (MEMBERSHIP,),
    30: (MEMBERSHIP,),
    31: (MEMBERSHIP,),
    32: (MEMBERSHIP,),
    33: (
        "cluster/test_undeployment.py::test_a_task_redeployed_at_once_goes_on_with_its_keys_in_one_instance",
        SUBSET,
    ),
    34: (INBOUNDS,),
    35: (PROCESSORS,),
    36: (PROCESSORS,),
    37: (PROCESSORS,),
    38: (
        f"{TROUBLE}::test_a_node_that_starts_without_its_database_works_for_itself_and_joins_when_it_appears",
    ),
    39: (MEMBERSHIP,),
    40: (
        "cluster/test_standalone.py::"
        "test_a_node_without_the_datasource_fires_its_tasks_and_speaks_of_no_coordination",
        "cluster/test_standalone.py::test_a_node_that_is_alone_keeps_keys_counts_and_pauses_across_a_kill",
    ),
    41: (
        "cluster/test_debug_logging.py::"
        "test_with_debug_logging_tasks_are_paused_resumed_completed_and_released_all_the_same",
    ),
    42: (RANDOM_ID, AFTER_KILL),
    43: (AFTER_KILL, RANDOM_ID, MEMBERSHIP),
    44: ("cluster/test_groups.py::test_equally_named_tasks_of_two_groups_do_not_see_each_other",),
    45: (INBOUNDS,),
    46: (SUBSET, MEMBERSHIP),
    47: (
        "cluster/test_undeployment.py::test_two_hundred_tasks_undeployed_at_once_do_not_block_the_deployment",
    ),
}
"""Number → tests (below tests/), and what brings the rest of it."""


def test_every_behaviour_has_its_place() -> None:
    assert sorted(BEHAVIOURS) == list(range(1, 48))
    assert all(BEHAVIOURS.values())


def test_the_named_tests_exist() -> None:
    named = {place for places in BEHAVIOURS.values() for place in places} - LATER
    missing = [place for place in sorted(named) if not _exists(*place.split("::"))]
    assert missing == []


def _exists(file: str, name: str) -> bool:
    tree = ast.parse((TESTS / file).read_text())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return name in {function.name for function in functions}
