"""What a typed command line asks for."""

import pytest

from micro_integrator.cli.arguments import Arguments, UsageError, read_arguments


def test_nothing_typed_means_run() -> None:
    assert read_arguments([]) == Arguments("run")


@pytest.mark.parametrize("word", ["start", "-start", "--start"])
def test_a_command_may_be_spelt_with_dashes(word: str) -> None:
    assert read_arguments([word]).command == "start"


@pytest.mark.parametrize("typed", [["--help"], ["-h"], ["help"], ["task", "--help"], ["start", "-Da", "-h"]])
def test_help_goes_before_everything_else(typed: list[str]) -> None:
    assert read_arguments(typed).command == "help"


@pytest.mark.parametrize(
    ("typed", "properties"),
    [
        (["-DportOffset=20"], {"portOffset": "20"}),
        (["-D", "portOffset=20"], {"portOffset": "20"}),
        (["-DsynapseTest"], {"synapseTest": "true"}),
        (["-Dempty="], {"empty": ""}),
        (["-Durl=jdbc:x?a=b"], {"url": "jdbc:x?a=b"}),
        (["-Da=1", "-Da=2"], {"a": "2"}),
    ],
)
@pytest.mark.parametrize("command", [[], ["start"]])
def test_properties_are_understood_before_and_behind_the_command(
    typed: list[str], properties: dict[str, str], command: list[str]
) -> None:
    assert read_arguments([*command, *typed]).properties == properties
    assert read_arguments([*typed, *command]).properties == properties


@pytest.mark.parametrize("typed", [["--env-file=/x/env"], ["--env-file", "/x/env"]])
def test_the_value_of_an_option_may_be_joined_or_follow(typed: list[str]) -> None:
    assert read_arguments(["status", *typed]).options == {"--env-file": "/x/env"}


def test_words_behind_a_command_are_kept_in_order() -> None:
    assert read_arguments(["task", "--json", "pause", "orders"]).words == ["pause", "orders"]


def test_everything_behind_ciphertool_is_its_own() -> None:
    typed = read_arguments(["ciphertool", "-Dconfigure", "--whatever"])
    assert (typed.words, typed.properties) == (["-Dconfigure", "--whatever"], {})


@pytest.mark.parametrize(("text", "seconds"), [("5", 5.0), ("0.5", 0.5), ("0", 0.0)])
def test_times_are_seconds_and_may_be_fractions(text: str, seconds: float) -> None:
    assert read_arguments(["start", "--wait", text]).seconds("--wait", 60.0) == seconds


def test_a_time_that_is_not_given_has_its_default() -> None:
    assert read_arguments(["start"]).seconds("--wait", 60.0) == 60.0


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"--wait {text}: expected a number of seconds"):
        read_arguments(["start", f"--wait={text}"]).seconds("--wait", 60.0)


@pytest.mark.parametrize("text", ["0", "65536", "-5", "5.0", "٥"])
def test_other_ports_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected a port"):
        read_arguments([f"--debug={text}"]).port("--debug")
