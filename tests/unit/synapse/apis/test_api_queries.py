"""Query parameters."""

import pytest

from micro_integrator.synapse import MediationError
from micro_integrator.synapse.apis.query import parameters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a=5&b=10", {"a": "5", "b": "10"}),
        ("a=Hello%20World&c=/foo", {"a": "Hello World", "c": "/foo"}),
        ("a=1+2", {"a": "1 2"}),
        ("a=http://h?x=1", {"a": "http://h?x=1"}),
        ("a=1&a=2", {"a": "2"}),
        ("a=1&b&c=2", {"a": "1&b", "c": "2"}),
        ("flag", {"flag": ""}),
        ("flag&a=1", {"flag": "", "a": "1"}),
        ("a=", {"a": ""}),
        ("a=1&", {"a": "1"}),
        ("", {}),
        ("&a=1", {"a": "1"}),
        ("n%20me=1", {"n%20me": "1"}),
        ("a=%C3%BC", {"a": "ü"}),
    ],
)
def test_parameters(query: str, expected: dict[str, str]) -> None:
    assert parameters(query) == {f"query.param.{name}": value for name, value in expected.items()}


@pytest.mark.parametrize("query", ["a=%", "a=%2", "a=%zz", "b=1&a=100%&c"])
def test_an_illegal_escape_is_a_bad_request(query: str) -> None:
    with pytest.raises(MediationError, match="illegal escape") as caught:
        parameters(query)
    assert caught.value.code == 400
