import pytest

from micro_integrator.deployment.package import Declared
from micro_integrator.deployment.problem import Faulty
from micro_integrator.deployment.values import MissingValue, Values

VALUES = Values({"HOST": "example.org", "PORT": "80"}, {"ZONE": "eu", "HOST": "unused"}, {"limit": "5"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$SYSTEM:HOST", "example.org"),
        ("$SYSTEM:ZONE", "eu"),
        ("$FILE:limit", "5"),
        ("http://$SYSTEM:HOST:$SYSTEM:PORT/x", "http://example.org:80/x"),
        ("costs $5", "costs $5"),
        ("${payload.x}", "${payload.x}"),
    ],
)
def test_placeholders_stand_anywhere_in_a_value(text: str, expected: str) -> None:
    assert VALUES.resolve(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$SYSTEM:NONE", "Environment variable could not be found: NONE"),
        ("$FILE:none", "File property could not be found: none"),
        ("${configs.none}", r"The value of the key:\[none\] is not found."),
        ("$CUSTOM_vault:key", "no resolver for \\$CUSTOM_vault is known: key"),
    ],
)
def test_a_missing_value_is_named(text: str, reason: str) -> None:
    with pytest.raises(MissingValue, match=reason):
        VALUES.resolve(text)


def test_declared_values_come_from_environment_then_property_then_file() -> None:
    declared = tuple(Declared(key, "string", "c", 1) for key in ("HOST", "ZONE", "limit"))
    values = VALUES.declaring(declared)
    assert values.resolve("${configs.HOST} ${configs.ZONE} ${configs.limit}") == "example.org eu 5"


@pytest.mark.parametrize(
    ("key", "kind", "reason"),
    [
        ("none", "string", r"The value of the key:\[none\] is not found."),
        ("HOST", "int", "the value of 'HOST' is not of type int"),
        ("PORT", "boolean", "the value of 'PORT' is not of type boolean"),
        ("HOST", "cert", "the value of 'HOST' is not of type cert"),
    ],
)
def test_an_unfit_declared_value_is_a_fault_with_its_line(key: str, kind: str, reason: str) -> None:
    with pytest.raises(Faulty, match="^c:7: " + reason):
        VALUES.declaring((Declared(key, kind, "c", 7),))
