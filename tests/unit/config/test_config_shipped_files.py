"""What is shipped is right: the sample file starts a node, the page tells what the sections say."""

import re
from pathlib import Path

import pytest

from micro_integrator.config import COORDINATION, load
from micro_integrator.config.loading import CATALOGUE
from micro_integrator.config.page import configuration_page

ROOT = Path(__file__).parents[3]


def test_the_page_is_fresh() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert page == configuration_page(), "make docs writes it anew"


def test_the_page_names_every_key() -> None:
    shown = set(re.findall(r"^\| `([^`]+)` \|", configuration_page(), re.MULTILINE))
    for name in CATALOGUE.keys:
        assert any(name.endswith(f".{key}") for key in shown), name


def test_the_shipped_file_is_a_loopback_node_on_sqlite() -> None:
    settings = load(ROOT, properties={}, environ={}, strict=True)
    assert settings.warnings == ()
    assert settings.cluster_config.node_id == "node-1"
    assert settings.datasources[COORDINATION].url == "jdbc:sqlite:cluster.db"
    assert settings.mediation.internal_http_api_bind_address == "127.0.0.1"
    assert settings.management_api.bind_address == "127.0.0.1"
    assert (settings.ports.internal_http, settings.ports.internal_https, settings.ports.wire) == (
        9201,
        9164,
        9202,
    )


def test_a_second_home_may_share_the_database_of_the_first() -> None:
    settings = load(
        ROOT, properties={"nodeId": "node-2"}, environ={"MI_CLUSTER_DB": "jdbc:sqlite:/srv/one.db"}
    )
    assert settings.cluster_config.node_id == "node-2"
    assert settings.datasources[COORDINATION].url == "jdbc:sqlite:/srv/one.db"


@pytest.mark.parametrize("name", sorted(CATALOGUE.keys))
def test_every_key_says_what_it_is_for(name: str) -> None:
    assert CATALOGUE.keys[name].doc
    assert not CATALOGUE.keys[name].doc.endswith(".")
