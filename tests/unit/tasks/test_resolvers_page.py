"""The examples of the page about resolvers work as printed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from unit.tasks.planning_group import view

from micro_integrator.tasks.resolvers import make_resolver
from micro_integrator.tasks.resolvers.custom import Custom

PAGE = (Path(__file__).parents[3] / "docs" / "resolvers.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", [tomllib.loads(block) for block in blocks("toml")])
def test_the_settings_of_an_example_are_accepted(example: dict[str, Any]) -> None:
    properties = {key: str(value) for key, value in example["task_resolver"][0].items()}
    name = example["task_handling"]["resolver_class"]
    if ":" not in name:  # the user's class is printed further down
        make_resolver(name, properties)


async def test_the_class_that_is_printed_prefers_near_nodes_with_little_to_do() -> None:
    names: dict[str, Any] = {}
    exec(blocks("python")[0], names)
    printed = names["NearTheData"]()
    printed.init({"region": "north"})
    seen = view({"a": "north-1 north-2 south-1", "b": "south-1"}, {"north-1": 3, "north-2": 2, "south-1": 0})
    assert await Custom("placement:NearTheData", printed.get_task_node_location).choose(seen) == {
        "a": "north-2"
    }
