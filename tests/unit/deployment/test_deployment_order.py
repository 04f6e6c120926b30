from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.deployment.order import activation_rank, first_keeps, in_dependency_order, load_rank

KEYS = st.sampled_from("abcdefgh")


def test_kinds_are_loaded_before_what_refers_to_them() -> None:
    kinds = ["api", "task", "sequence", "localEntry", "endpoint", "proxy", "unheard-of", "inboundEndpoint"]
    assert sorted(kinds, key=load_rank) == [
        "localEntry", "endpoint", "sequence", "proxy", "task", "api", "inboundEndpoint", "unheard-of",
    ]  # fmt: skip


def test_a_task_is_activated_after_the_api_it_may_call() -> None:
    kinds = ["inboundEndpoint", "task", "messageProcessor", "proxy", "api", "endpoint", "localEntry"]
    assert sorted(kinds, key=activation_rank) == [
        "localEntry", "endpoint", "api", "proxy", "messageProcessor", "task", "inboundEndpoint",
    ]  # fmt: skip


@given(st.dictionaries(KEYS, st.frozensets(KEYS)))
def test_needed_ones_come_first_unless_they_are_in_a_cycle(needs: dict[str, frozenset[str]]) -> None:
    ordered, in_cycle = in_dependency_order(needs)
    assert sorted(ordered) == sorted(needs)
    for place, key in enumerate(ordered):
        if key not in in_cycle:
            assert {name for name in needs[key] if name in needs and name != key} <= set(ordered[:place])


def test_ties_are_alphabetical() -> None:
    none: frozenset[str] = frozenset()
    assert in_dependency_order({"c": none, "a": frozenset("b"), "b": none}) == (["b", "c", "a"], [])


def test_a_cycle_is_reported_and_alphabetical() -> None:
    needs = {"b": frozenset("a"), "a": frozenset("b"), "c": frozenset[str]()}
    assert in_dependency_order(needs) == (["c", "a", "b"], ["a", "b"])


def test_the_first_claimant_keeps_a_name_and_the_second_gets_nothing() -> None:
    late = first_keeps([("a.xml", ["x"]), ("b.xml", ["y", "x"]), ("c.xml", ["y"])])
    assert late == {"b.xml": ("x", "a.xml")}
