"""Who gets in, over real HTTPS."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from integration.management.managed import ADMIN, READER, USERS, Managed, managed

from micro_integrator.config import (
    AuthorizationSettings,
    BasicSettings,
    CorsSettings,
    ManagementApiSettings,
    TokenSettings,
    UserAccessSettings,
    UserSettings,
)
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.management import Users
from micro_integrator.observability import recorded_lines

SHARED = ManagementApiSettings(
    bind_address="127.0.0.1", jwt_token_security_handler=TokenSettings(secret="s" * 32)
)
"""What nodes of one group have in common."""


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Managed]:
    async with managed(tmp_path / "home") as opened:
        yield opened


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", ["/management", "/management/"])
async def test_the_root_answers_everybody(api: Managed, path: str) -> None:
    answer = await api.client.get(api.client.base_url.copy_with(path=path))
    assert answer.status_code == 200
    assert answer.json() == {"WSO2 Micro Integrator": "9.8.7", "ManagementApi": "Active"}


async def test_a_password_becomes_a_token_and_the_token_opens_the_lists(api: Managed) -> None:
    answer = await api.client.get("/sequences", headers=bearer(await api.token()))
    assert answer.status_code == 200
    assert answer.json() == {"count": 0, "list": []}


@pytest.mark.parametrize("path", ["/sequences", "/server", "/nowhere", "/logout"])
@pytest.mark.parametrize(
    "shown", [None, "Bearer", "Bearer nonsense", "Basic Ym9zczpzM2NyZXQtb2YtYm9zcw==", "Digest x"]
)
async def test_without_a_good_token_nothing_is_told(api: Managed, path: str, shown: str | None) -> None:
    answer = await api.client.get(path, headers={} if shown is None else {"Authorization": shown})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.json()["code"] == 401


@pytest.mark.parametrize("shown", [None, "Basic", "Basic !!!", "Basic Ym9zcw==", "Basic OnB3", "Bearer x"])
async def test_a_login_without_user_and_password_is_asked_for_them(api: Managed, shown: str | None) -> None:
    answer = await api.client.get("/login", headers={} if shown is None else {"Authorization": shown})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_five_wrong_passwords_close_the_door_even_to_the_right_one(api: Managed) -> None:
    wrong = [(await api.client.get("/login", auth=("boss", f"guess-{n}"))).status_code for n in range(5)]
    assert wrong == [401] * 5
    closed = await api.client.get("/login", auth=ADMIN)
    assert closed.status_code == 429
    assert 55 < int(closed.headers["retry-after"]) <= 61
    assert await api.token(READER)


async def test_guesses_made_at_the_same_time_are_counted_one_by_one(api: Managed) -> None:
    tried = [api.client.get("/login", auth=("boss", f"guess-{n}")) for n in range(20)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*tried))
    assert statuses == [401] * 5 + [429] * 15


async def test_after_the_logout_the_token_is_worth_nothing(api: Managed) -> None:
    token, other = await api.token(), await api.token()
    assert (await api.client.get("/logout", headers=bearer(token))).status_code == 200
    assert (await api.client.get("/server", headers=bearer(token))).status_code == 401
    assert (await api.client.get("/server", headers=bearer(other))).status_code == 200


class Group:
    """A group that does not answer."""

    async def revoke(self, token_id: str, expires_ms: int) -> None:
        raise MicroIntegratorError("no connection")

    async def is_revoked(self, token_id: str) -> bool:
        raise MicroIntegratorError("no connection")


async def test_without_its_group_a_node_serves_and_says_that_a_logout_counts_here_only(
    tmp_path: Path,
) -> None:
    async with managed(tmp_path / "home", settings=SHARED, revoked_tokens=Group()) as api:
        token = await api.token()
        assert (await api.client.get("/server", headers=bearer(token))).status_code == 200
        answer = await api.client.get("/logout", headers=bearer(token))
        assert answer.json()["Message"].startswith("Logged out on this node; the database does not answer")
        assert (await api.client.get("/server", headers=bearer(token))).status_code == 401


async def test_without_a_common_key_the_group_is_not_asked(tmp_path: Path) -> None:
    async with managed(tmp_path / "home", revoked_tokens=Group()) as api:
        token = await api.token()
        assert (await api.client.get("/logout", headers=bearer(token))).json() == {"Message": "Logged out"}


async def test_nodes_with_one_secret_accept_each_others_tokens_as_long_as_the_user_exists(
    tmp_path: Path,
) -> None:
    async with managed(tmp_path / "one", settings=SHARED) as one:
        token = await one.token()
    async with managed(tmp_path / "two", settings=SHARED) as two:
        assert (await two.client.get("/server", headers=bearer(token))).status_code == 200
    async with managed(tmp_path / "three", settings=SHARED, users=Users(USERS[1:])) as three:
        assert (await three.client.get("/server", headers=bearer(token))).status_code == 401


async def test_a_user_who_is_no_administrator_any_more_has_lost_the_rights(tmp_path: Path) -> None:
    async with managed(tmp_path / "one", settings=SHARED) as one:
        token = await one.token()
    demoted = Users([UserSettings(name=ADMIN[0], password=ADMIN[1], is_admin=False)])
    async with managed(tmp_path / "two", settings=SHARED, users=demoted) as two:
        assert (await two.client.get("/users", headers=bearer(token))).status_code == 403


async def test_others_may_look_and_nothing_else(api: Managed) -> None:
    token = await api.token(READER)
    assert (await api.client.get("/tasks", headers=bearer(token))).status_code == 200
    for path in ("/users", "/roles", "/configs", "/logs", "/users/boss"):
        assert (await api.client.get(path, headers=bearer(token))).status_code == 403
    refused = await api.client.post("/tasks", headers=bearer(token), json={"name": "a", "status": "active"})
    assert refused.status_code == 403
    assert refused.json() == {"Error": "Only administrators may change anything", "code": 403}


async def test_the_rules_for_others_can_be_loosened(tmp_path: Path) -> None:
    loose = ManagementApiSettings(
        bind_address="127.0.0.1", authorization_handler=AuthorizationSettings(enable=False)
    )
    access = UserAccessSettings(make_non_admin_users_read_only=False)
    async with managed(tmp_path / "home", settings=loose, access=access) as api:
        token = await api.token(READER)
        assert (await api.client.get("/users", headers=bearer(token))).status_code == 404
        assert (await api.client.post("/tasks", headers=bearer(token), json={})).status_code == 405


async def test_passwords_on_every_call_work_only_where_that_was_asked_for(tmp_path: Path) -> None:
    with_passwords = ManagementApiSettings(
        bind_address="127.0.0.1",
        basic_security_handler=BasicSettings(enable=True),
        jwt_token_security_handler=TokenSettings(enable=False),
    )
    async with managed(tmp_path / "home", settings=with_passwords) as api:
        assert (await api.client.get("/server", auth=ADMIN)).status_code == 200
        wrong = await api.client.get("/server", auth=("boss", "wrong"))
        assert wrong.status_code == 401
        assert wrong.headers["www-authenticate"].startswith("Basic ")
        assert (await api.client.get("/login", auth=ADMIN)).status_code == 404


async def test_logins_and_refusals_stand_in_the_audit_log_without_a_password(api: Managed) -> None:
    with recorded_lines() as lines:
        token = await api.token(READER)
        await api.client.get("/login", auth=("nora\nforged", "wr0ng-guess"))
        await api.client.get("/users", headers=bearer(token))
        await api.client.get("/logout", headers=bearer(token))
    told = [json.loads(text) for text in lines.texts() if text.startswith('{"performedBy"')]
    assert [(entry["performedBy"], entry["action"]) for entry in told] == [
        ("nora", "logged_in"),
        ("nora\nforged", "login_failed"),
        ("nora", "refused"),
        ("nora", "logged_out"),
    ]
    assert told[0]["info"].startswith("nora logged in at [20")
    assert all(entry["node"] == "node-1" and entry["remote"] == "127.0.0.1" for entry in told)
    assert len({entry["requestId"] for entry in told}) == 4
    everything = "\n".join(lines.texts())
    assert READER[1] not in everything
    assert "wr0ng-guess" not in everything
    assert token not in everything


@pytest.mark.parametrize("path", ["", "/login", "/server", "/nowhere"])
async def test_every_answer_carries_the_security_headers(api: Managed, path: str) -> None:
    headers = (await api.client.get(path)).headers
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


async def test_an_origin_that_cannot_be_read_is_turned_away(api: Managed) -> None:
    answer = await api.client.get("/login", headers={"Origin": "https://["}, auth=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (403, 403)


async def test_pages_of_other_origins_are_turned_away_before_anything_else(api: Managed) -> None:
    origin = {"Origin": "https://evil.example"}
    for answer in (
        await api.client.options("/login", headers=origin),
        await api.client.get("/login", headers=origin, auth=ADMIN),
    ):
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


async def test_a_listed_page_is_answered_before_the_login(tmp_path: Path) -> None:
    listed = ManagementApiSettings(
        bind_address="127.0.0.1", cors=CorsSettings(allowed_origins=("https://board.example",))
    )
    async with managed(tmp_path / "home", settings=listed) as api:
        origin = {"Origin": "https://board.example"}
        preflight = await api.client.options("/tasks", headers=origin)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-headers"] == "Authorization, Content-Type"
        assert "GET" in preflight.headers["access-control-allow-methods"]
        answer = await api.get("/tasks", headers=origin)
        assert answer.headers["access-control-allow-origin"] == "https://board.example"


async def test_plain_http_is_not_understood(api: Managed) -> None:
    with pytest.raises(httpx.HTTPError):
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://localhost:{api.client.base_url.port}/management")
