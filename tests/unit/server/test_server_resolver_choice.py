"""Settings with which no resolver can work are problems with a place, found before anything is opened."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from micro_integrator.config import ConfigurationError, Settings, load
from micro_integrator.server import planning


def settings(home: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    (home / "conf").mkdir()
    (home / "conf" / "deployment.toml").write_text(text)
    return load(home, properties={}, environ=environ or {})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[task_handling]\nresolver_class = "round_robin"\n[[task_resolver]]\ntask_server_cout = 2\n',
            "conf/deployment.toml:4: [[task_resolver]] task_server_cout = '2': round_robin has no such property",
        ),
        (
            '[task_handling]\n\nresolver_class = "task_node"\n',
            "conf/deployment.toml:3: [[task_resolver]] task_nodes = '': expected node ids",
        ),
        (
            '[task_handling]\nresolver_class = "no_such_module:Resolver"\n',
            "conf/deployment.toml:2: [task_handling] resolver_class = 'no_such_module:Resolver': module",
        ),
        (
            '[task_handling]\nresolver_class = "unit.tasks.resolver_classes:NeedsRegion"\n'
            '[[task_resolver]]\nzone = "x"\n',
            "conf/deployment.toml:2: [[task_resolver]] of resolver_class = "
            "'unit.tasks.resolver_classes:NeedsRegion': KeyError: 'region'",
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        planning(settings(tmp_path, text))
    assert str(refusal.value).startswith(problem)


def test_a_variable_is_named_as_the_place_of_its_value(tmp_path: Path) -> None:
    environ = {"MI__TASK_HANDLING__RESOLVER_CLASS": "no_such_module:Resolver"}
    with pytest.raises(
        ConfigurationError, match=r"^environment variable MI__TASK_HANDLING__RESOLVER_CLASS: "
    ):
        planning(settings(tmp_path, "", environ))


@pytest.mark.parametrize(
    ("text", "rebalances"),
    [
        ("", False),
        ('resolver_class = "round_robin"', True),
        ('resolver_class = "round_robin"\nrebalance = "never"', False),
        ('rebalance = "on_join"', True),
    ],
)
def test_running_tasks_are_evened_out_as_the_resolver_or_the_setting_says(
    text: str, rebalances: bool, tmp_path: Path
) -> None:
    assert planning(settings(tmp_path, f"[task_handling]\n{text}\n")).rebalances is rebalances
