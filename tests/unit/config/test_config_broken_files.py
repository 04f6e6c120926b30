"""Whatever is wrong with a file is told with its place and a remedy, and all of it at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from unit.config.broken_configs import BROKEN, Broken

from micro_integrator.config import ConfigurationErrors, Settings, load

Reading = Callable[..., Settings]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_file_is_refused_with_place_and_reason(broken: Broken, reading: Reading) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        reading(broken.text, properties=broken.properties, environ=broken.environ, strict=broken.strict)
    problems = caught.value.problems
    told = [(problem.file, problem.line, broken.reason in problem.message) for problem in problems]
    assert (broken.file, broken.line, True) in told, str(caught.value)
    assert "letmein" not in str(caught.value)


def test_all_problems_are_told_together_in_the_order_of_their_lines(reading: Reading) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        reading('[task_handling]\ndrain_timeout = "x"\n[server]\noffset = "y"\nhostname = "$env{NO}"\n')
    assert [problem.line for problem in caught.value.problems] == [2, 4, 5]
    assert str(caught.value).splitlines()[1] == (
        "conf/deployment.toml:4: [server] offset = 'y': expected a whole number from 0 to 65535"
    )


def test_an_unknown_key_is_told_beside_what_is_missing_for_it(reading: Reading) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        reading('[[datasource]]\nid = "db"\nulr = "jdbc:sqlite:db"\n')
    assert str(caught.value).splitlines() == [
        "conf/deployment.toml:1: [[datasource]] url is missing",
        "conf/deployment.toml:3: Unknown configuration key 'datasource.ulr' (did you mean 'datasource.url'?)",
    ]


def test_a_key_with_an_unusable_value_is_not_said_to_be_missing(reading: Reading) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        reading('[[internal_apis.users]]\nuser.name = "nora"\nuser.password = "$env{NO}"\n')
    assert [problem.line for problem in caught.value.problems] == [3], str(caught.value)


def test_a_syntax_error_names_line_and_column(reading: Reading) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        reading("[server]\nhostname = ?\n")
    assert str(caught.value).startswith("conf/deployment.toml:2:12: ")


def test_a_value_from_a_placeholder_is_shown_with_its_origin(reading: Reading) -> None:
    with pytest.raises(ConfigurationErrors, match=r"offset = 'ten' \(from '\$env\{OFFSET\}'\)"):
        reading('[server]\noffset = "$env{OFFSET}"\n', environ={"OFFSET": "ten"})


def test_a_secret_is_never_shown_although_it_is_wrong(reading: Reading) -> None:
    text = '[secrets]\nn = "$env{N}"\n[server]\noffset = "$secret{n}"\nhostname = "$ref{server.offset}"\n'
    with pytest.raises(ConfigurationErrors) as caught:
        reading(text, environ={"N": "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert "offset = *****: expected" in str(caught.value)


def test_a_broken_coordination_database_is_not_called_missing(reading: Reading) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        reading('[cluster_config]\nrequired = true\n[[datasource]]\nid = "WSO2_COORDINATION_DB"\n')
    assert str(caught.value) == "conf/deployment.toml:3: [[datasource]] url is missing"


def test_a_missing_file_says_where_it_is_expected(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationErrors, match=r"conf/deployment\.toml: the file does not exist: .*MI_CONF"
    ):
        load(tmp_path, properties={}, environ={})


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "deployment.toml").write_bytes(b'[server]\nhostname = "m\xfc"\n')
    with pytest.raises(ConfigurationErrors, match=r"deployment\.toml:2:14: the file is not UTF-8"):
        load(tmp_path, properties={}, environ={})


def test_values_nested_without_end_are_refused(reading: Reading) -> None:
    with pytest.raises(ConfigurationErrors, match="nested"):
        reading("a = " + "[" * 5000 + "]" * 5000)
