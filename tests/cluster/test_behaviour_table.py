"""Where each behaviour of coordination section 7 is proved, or what brings it later."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]

PROCESSORS, INBOUNDS = "processors", "inbound endpoints"
LATER = {PROCESSORS, INBOUNDS}

HOMES = "cluster/test_two_homes.py"
MEMBERS = "cluster/test_members.py"
RESTARTS = "cluster/test_restarts.py"
OWNERS = "cluster/test_changes_of_owner.py"
CHOICE = "cluster/test_choice_of_nodes.py"
UNDEPLOYMENT = "cluster/test_undeployment.py"
STANDALONE = "cluster/test_standalone.py"
TROUBLE = "cluster/test_coordination_trouble.py"
OUTAGES = "cluster/test_acceptance_outages.py"

EMPTY_DATABASE = f"{MEMBERS}::test_of_two_nodes_that_join_an_empty_database_exactly_one_reports_the_other"
NEXT_LEADER = f"{MEMBERS}::test_those_who_stay_report_a_stopped_node_and_the_next_one_leads"
TOGETHER = f"{HOMES}::test_a_task_is_scheduled_on_one_node_of_two_that_start_together"
HAND_OVER = f"{HOMES}::test_two_homes_never_fire_the_same_key_and_each_takes_over_from_the_other"
GATHERED = (
    f"{HOMES}::test_tasks_gather_on_one_node_and_on_the_survivor_and_a_one_shot_runs_once_in_the_whole_group"
)
SUBSET = f"{HOMES}::test_a_task_runs_where_it_is_deployed_and_its_row_goes_with_the_last_deployment"
FULL_MEMBER = f"{RESTARTS}::test_a_node_that_stops_and_starts_at_once_is_a_full_member_without_an_error"
AFTER_KILL = f"{RESTARTS}::test_completed_stay_completed_paused_stay_paused_and_counts_go_on_after_a_kill"
RANDOM_ID = (
    f"{RESTARTS}::test_completed_stay_completed_paused_stay_paused_and_counts_go_on_under_another_random_id"
)
RANDOM_IDS = (
    f"{OWNERS}::"
    "test_after_a_restart_of_all_nodes_under_new_ids_nothing_runs_again_that_was_completed_or_paused"
)

KILLED = (
    "cluster/test_takeover.py::"
    "test_the_tasks_of_a_killed_process_run_elsewhere_at_once_because_its_port_refuses"
)
FROZEN = (
    "cluster/test_acceptance_freezes.py::"
    "test_a_frozen_owner_loses_its_tasks_fires_nothing_when_it_goes_on_and_works_again_without_a_restart"
)
OUTAGE_FOR_ALL = (
    f"{OUTAGES}::test_without_the_database_everything_stops_by_the_deadline_and_goes_on_by_itself_afterwards"
)
OUTAGE_FOR_ONE = (
    f"{OUTAGES}::test_the_tasks_of_a_node_cut_off_from_the_database_run_elsewhere_and_never_in_parallel"
)

BEHAVIOURS: dict[int, tuple[str, ...]] = {
    1: (EMPTY_DATABASE, TOGETHER),
    2: (EMPTY_DATABASE,),
    3: (NEXT_LEADER, KILLED),
    4: (NEXT_LEADER,),
    5: (NEXT_LEADER, FULL_MEMBER),
    6: (TOGETHER,),
    7: (GATHERED,),
    8: (GATHERED,),
    9: ("cluster/test_pinned_tasks.py::test_a_pinned_task_runs_on_the_named_server_only_and_has_no_row",),
    10: (GATHERED, HAND_OVER),
    11: (GATHERED, AFTER_KILL, RANDOM_ID),
    12: (SUBSET,),
    13: (PROCESSORS,),
    14: (PROCESSORS,),
    15: (PROCESSORS,),
    16: (PROCESSORS,),
    17: (PROCESSORS,),
    18: (PROCESSORS,),
    19: (PROCESSORS,),
    20: (FROZEN,),
    21: (
        "cluster/test_acceptance_slow_database.py::"
        "test_no_task_stops_when_every_exchange_takes_more_than_a_second_and_a_lost_connection_comes_back",
    ),
    22: (OUTAGE_FOR_ALL, INBOUNDS),
    23: (OUTAGE_FOR_ALL, PROCESSORS),
    24: (OUTAGE_FOR_ONE, INBOUNDS),
    25: (OUTAGE_FOR_ONE, FROZEN, INBOUNDS),
    26: (
        f"{OWNERS}::test_a_cron_task_that_moves_after_its_time_does_not_fire_before_the_next_day",
        "unit/tasks/test_occurrence_keys.py::"
        "test_a_cron_task_moved_after_its_time_does_not_fire_before_the_next_day",
    ),
    27: (
        "cluster/test_node_ids.py::"
        "test_the_second_node_with_an_id_never_fires_says_who_holds_it_and_takes_its_place_once_it_is_free",
    ),
    28: (NEXT_LEADER, FULL_MEMBER),
    29: (
        "cluster/test_acceptance_clocks.py::"
        "test_the_wall_clocks_of_nodes_move_no_fire_and_cost_nobody_its_membership",
    ),
    30: (
        f"{CHOICE}::"
        "test_with_the_task_node_resolver_every_task_is_scheduled_when_the_nodes_start_at_the_same_moment",
    ),
    31: (f"{CHOICE}::test_with_round_robin_tasks_wait_for_enough_servers_and_are_then_spread_over_them",),
    32: (f"{CHOICE}::test_tasks_run_on_the_listed_nodes_only_and_wait_while_none_of_them_is_there",),
    33: (
        f"{OWNERS}::test_a_task_redeployed_on_all_nodes_in_quick_succession_runs_once_and_leaves_no_orphan",
        f"{UNDEPLOYMENT}::test_a_task_redeployed_at_once_goes_on_with_its_keys_in_one_instance",
    ),
    34: (INBOUNDS,),
    35: (PROCESSORS,),
    36: (PROCESSORS,),
    37: (PROCESSORS,),
    38: (
        f"{TROUBLE}::test_a_node_that_starts_without_its_database_works_for_itself_and_joins_when_it_appears",
    ),
    39: (
        f"{OWNERS}::test_a_task_assigned_by_a_leader_that_dies_before_it_tells_anybody_starts_all_the_same",
    ),
    40: (
        f"{STANDALONE}::test_a_node_without_the_datasource_fires_its_tasks_and_speaks_of_no_coordination",
        f"{STANDALONE}::test_a_node_that_is_alone_keeps_keys_counts_and_pauses_across_a_kill",
    ),
    41: (
        "cluster/test_debug_logging.py::"
        "test_with_debug_logging_tasks_are_paused_resumed_completed_and_released_all_the_same",
    ),
    42: (RANDOM_IDS, RANDOM_ID, AFTER_KILL),
    43: (
        f"{OWNERS}::test_a_counted_task_makes_the_rest_of_its_fires_on_the_survivor",
        AFTER_KILL,
        RANDOM_ID,
    ),
    44: ("cluster/test_groups.py::test_equally_named_tasks_of_two_groups_do_not_see_each_other",),
    45: (INBOUNDS,),
    46: (SUBSET,),
    47: (f"{UNDEPLOYMENT}::test_two_hundred_tasks_undeployed_at_once_do_not_block_the_deployment",),
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
