"""What can be read out of the header Authorization."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from micro_integrator.management.rest.credentials import Basic, Bearer, credentials_of


def shown(value: bytes) -> Basic | Bearer | None:
    return credentials_of(Request({"type": "http", "headers": [(b"authorization", value)]}))


def basic(pair: bytes) -> bytes:
    return b"Basic " + base64.b64encode(pair)


def test_a_password_may_hold_colons_blanks_and_any_letter() -> None:
    assert shown(basic("nora:a:b c ü".encode())) == Basic("nora", "a:b c ü")


@pytest.mark.parametrize("scheme", [b"bearer", b"BEARER", b"Bearer"])
def test_a_token_is_taken_as_it_is_whatever_the_case_of_the_scheme(scheme: bytes) -> None:
    assert shown(scheme + b" a.b.c") == Bearer("a.b.c")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"Bearer",
        b"Bearer  ",
        b"Basic",
        b"Basic ?",
        basic(b"nora"),
        basic(b":x"),
        basic(b"\xff:x"),
        b"Negotiate x",
    ],
)
def test_what_cannot_be_read_is_nothing(value: bytes) -> None:
    assert shown(value) is None


def test_no_header_is_nothing() -> None:
    assert credentials_of(Request({"type": "http", "headers": []})) is None


@given(st.binary(max_size=200), st.sampled_from([b"", b"Basic ", b"Bearer "]))
def test_no_header_whatever_makes_trouble(value: bytes, scheme: bytes) -> None:
    shown(scheme + value)


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":"), min_size=1),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_every_user_and_password_arrives_as_it_was_sent(user: str, password: str) -> None:
    assert shown(basic(f"{user}:{password}".encode())) == Basic(user, password)
