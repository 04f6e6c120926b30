"""Which tokens are believed."""

import base64
import json

import jwt
import pytest

from micro_integrator.management.rest.tokens import ALGORITHM, ISSUER, BadToken, Tokens

KEY = "k" * 32
OTHER_KEY = "o" * 32


def claims_of(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def test_a_token_says_who_came_and_whether_as_administrator() -> None:
    tokens = Tokens(KEY, 60)
    admin, other = tokens.issue("admin", is_admin=True), tokens.issue("nora", is_admin=False)
    assert (tokens.read(admin).user, tokens.read(admin).is_admin) == ("admin", True)
    assert (tokens.read(other).user, tokens.read(other).is_admin) == ("nora", False)
    assert claims_of(admin)["scope"] == "admin"
    assert claims_of(other)["scope"] == "default"
    assert claims_of(admin)["iss"] == ISSUER


def test_nodes_with_one_key_believe_each_other_and_no_one_else() -> None:
    token = Tokens(KEY, 60).issue("admin", is_admin=True)
    assert Tokens(KEY, 60).read(token).user == "admin"
    with pytest.raises(BadToken):
        Tokens(OTHER_KEY, 60).read(token)
    with pytest.raises(BadToken):
        Tokens(None, 60).read(Tokens(None, 60).issue("admin", is_admin=True))


def test_an_expired_token_is_not_believed() -> None:
    tokens = Tokens(KEY, -10)
    with pytest.raises(BadToken, match="expired"):
        tokens.read(tokens.issue("admin", is_admin=True))


def test_two_tokens_of_one_user_can_be_told_apart() -> None:
    tokens = Tokens(KEY, 60)
    one, other = (tokens.read(tokens.issue("admin", is_admin=True)) for _ in range(2))
    assert one.id != other.id


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", "..", "é", "x" * 10_000])
def test_nonsense_is_not_believed(text: str) -> None:
    with pytest.raises(BadToken):
        Tokens(KEY, 60).read(text)


def test_neither_a_missing_signature_nor_a_changed_word_is_believed() -> None:
    tokens = Tokens(KEY, 60)
    claims = claims_of(tokens.issue("nora", is_admin=False))
    head, body, signature = tokens.issue("nora", is_admin=False).split(".")
    promoted = (
        base64.urlsafe_b64encode(json.dumps({**claims, "scope": "admin"}).encode()).decode().rstrip("=")
    )
    unsigned = jwt.encode({**claims, "scope": "admin"}, "", algorithm="none")
    for forged in (f"{head}.{promoted}.{signature}", unsigned, f"{head}.{body}."):
        with pytest.raises(BadToken):
            tokens.read(forged)


@pytest.mark.parametrize("missing", ["sub", "exp", "nbf", "iat", "iss", "scope", "jti"])
def test_a_token_that_leaves_something_open_is_not_believed(missing: str) -> None:
    tokens = Tokens(KEY, 60)
    claims = claims_of(tokens.issue("admin", is_admin=True))
    del claims[missing]
    with pytest.raises(BadToken):
        tokens.read(jwt.encode(claims, KEY, algorithm=ALGORITHM))
