"""A resolver with wrong settings stops the start; the text names key and value."""

import pytest
from unit.tasks.resolver_classes import Remembers

from micro_integrator.observability import recorded_lines
from micro_integrator.tasks.resolvers import ResolverError, make_resolver

CLASSES = "unit.tasks.resolver_classes"


@pytest.mark.parametrize(
    ("name", "properties", "text"),
    [
        (
            "round_robin",
            {"task_server_count": "two"},
            "[[task_resolver]] task_server_count = 'two': expected a whole",
        ),
        (
            "round_robin",
            {"task_server_count": "-1"},
            "[[task_resolver]] task_server_count = '-1': expected a whole",
        ),
        (
            "round_robin",
            {"task_server_count": ""},
            "[[task_resolver]] task_server_count = '': expected a whole",
        ),
        (
            "round_robin",
            {"task_server_cout": "2"},
            "task_server_cout = '2': round_robin has no such property (did",
        ),
        (
            "active_passive",
            {"region": "x"},
            "[[task_resolver]] region = 'x': active_passive has no such property",
        ),
        ("task_node", {"task_nodes": " , "}, "[[task_resolver]] task_nodes = ' , ': expected node ids"),
        ("task_node", None, "[[task_resolver]] task_nodes = '': expected node ids"),
        ("round_robbin", None, "package.module:Class (did you mean 'round_robin'?)"),
        (
            "org.example.Resolver",
            None,
            "[task_handling] resolver_class = 'org.example.Resolver': expected one of",
        ),
        (
            "no_such_module:Resolver",
            None,
            "'no_such_module:Resolver': module 'no_such_module' cannot be imported",
        ),
        (f"{CLASSES}:Missing", None, f"module '{CLASSES}' has no class 'Missing'"),
        (f"{CLASSES}:Mute", None, "expected a method get_task_node_location(view, task_name)"),
        (f"{CLASSES}:Waits", None, "expected a method get_task_node_location(view, task_name)"),
        (f"{CLASSES}:NeedsRegion", {"zone": "x"}, f"'{CLASSES}:NeedsRegion': KeyError: 'region'"),
    ],
)
def test_a_wrong_setting_is_refused(name: str, properties: dict[str, str] | None, text: str) -> None:
    with pytest.raises(ResolverError) as refusal:
        make_resolver(name, properties)
    assert text in str(refusal.value)


@pytest.mark.parametrize("count", ["0", "1", " 12 "])
def test_a_server_count_may_have_blanks_around_it(count: str) -> None:
    make_resolver("round_robin", {"task_server_count": count})


def test_a_property_of_another_resolver_is_ignored_with_a_warning() -> None:
    with recorded_lines() as lines:
        make_resolver("active_passive", {"task_server_count": "2"})
    assert lines.texts() == [
        "[[task_resolver]] task_server_count = '2' has no effect with resolver_class = 'active_passive'"
    ]


@pytest.mark.parametrize("properties", [{"region": "north", "task_server_count": "2"}, {}, None])
def test_a_class_of_the_users_gets_all_properties_if_there_is_a_table(
    properties: dict[str, str] | None,
) -> None:
    Remembers.properties = None
    make_resolver(f"{CLASSES}:Remembers", properties)
    assert Remembers.properties == properties
