"""Tokens of the management API in a group: good on every node, and worth nothing on every node once given back."""

import ssl
from collections.abc import Mapping

import httpx
from harness import Group, Home, Node, wait_until
from harness.home import Settings
from harness.waiting import LIMIT

ADMIN = ("boss", "s3cret-of-boss")
SETTINGS: Settings = {
    "management_api": {"enable": True, "bind_address": "127.0.0.1"},
    "management_api.jwt_token_security_handler": {"token_config.secret": "s" * 32},
    "mediation": {"internal_https_api_port": 0},
    "internal_apis.users": {"user.name": ADMIN[0], "user.password": ADMIN[1]},
}


def test_a_token_is_good_on_all_nodes_until_it_is_given_back_to_one_of_them(group: Group) -> None:
    homes = [group.home(name, settings=SETTINGS) for name in ("node-1", "node-2")]
    nodes = [home.start() for home in homes]
    one, other = (_api(home, node) for home, node in zip(homes, nodes, strict=True))
    with one, other:
        gone, kept = _login(one), _login(one)
        assert [api.get("/server", headers=gone).status_code for api in (one, other)] == [200, 200]
        assert other.get("/logout", headers=gone).json() == {"Message": "Logged out"}
        assert other.get("/server", headers=gone).status_code == 401
        assert one.get("/server", headers=kept).status_code == 200
        # the other node may go on for the second in which it does not ask again
        wait_until(lambda: one.get("/server", headers=gone).status_code == 401, "the end of the token")
        refused = one.get("/data-sources", headers=gone)
        assert refused.json()["Error"] == "The token is not accepted: it was given back"
    assert nodes[0].stop() == 0
    with _api(homes[0], homes[0].start()) as again:
        assert again.get("/server", headers=gone).status_code == 401
        assert again.get("/server", headers=kept).status_code == 200


def _api(home: Home, node: Node) -> httpx.Client:
    said = node.announced()
    assert said is not None, node.log()
    return httpx.Client(
        base_url=f"https://localhost:{said.ports['internal_https']}/management",
        verify=ssl.create_default_context(cafile=home.root / "repository/resources/security/self-signed.pem"),
        trust_env=False,
        timeout=LIMIT,
    )


def _login(api: httpx.Client) -> Mapping[str, str]:
    answer = api.get("/login", auth=ADMIN)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['AccessToken']}"}
