"""Values from outside win over the file in a fixed order."""

from collections.abc import Callable

import pytest

from micro_integrator.config import Settings

Reading = Callable[..., Settings]

FILE = '[cluster_config]\nnode_id = "from-file"\nheart_beat_interval = 1000\n'


@pytest.mark.parametrize(
    ("properties", "environ", "expected"),
    [
        ({}, {}, "from-file"),
        ({}, {"MI__CLUSTER_CONFIG__NODE_ID": "override"}, "override"),
        ({}, {"MI__CLUSTER_CONFIG__NODE_ID": "override", "NODE_ID": "upper"}, "upper"),
        ({}, {"NODE_ID": "upper", "nodeId": "variable"}, "variable"),
        ({"nodeId": "property"}, {"NODE_ID": "upper", "nodeId": "variable"}, "property"),
        ({"nodeId": ""}, {"nodeId": ""}, "from-file"),
    ],
)
def test_property_before_variable_before_file(
    properties: dict[str, str], environ: dict[str, str], expected: str, reading: Reading
) -> None:
    assert reading(FILE, properties=properties, environ=environ).cluster_config.node_id == expected


def test_the_references_names_of_the_heart_beat_are_heard(reading: Reading) -> None:
    cluster = reading(
        FILE, properties={"heartBeatInterval": "500"}, environ={"heartbeatMaxRetry": "6", "localGroupId": "g"}
    ).cluster_config
    assert (cluster.heart_beat_interval, cluster.heart_beat_max_retry, cluster.group_id) == (0.5, 6, "g")


def test_the_misspelt_retry_is_a_warning(reading: Reading) -> None:
    settings = reading("", environ={"HeartBeatMaxRetry": "6"})
    assert settings.cluster_config.heart_beat_max_retry == 3
    assert settings.warnings == (
        "environment variable HeartBeatMaxRetry: has no effect; write heartbeatMaxRetry",
    )


def test_the_polling_period_of_the_reference_is_told_to_be_needless(reading: Reading) -> None:
    settings = reading("", properties={"scheduledPeriod": "1000"})
    assert settings.info == ("[scheduledPeriod] is not needed; the behaviour is always on",)


def test_the_port_offset_of_the_command_line_wins(reading: Reading) -> None:
    settings = reading("[server]\noffset = 20\n", properties={"portOffset": "0"})
    assert settings.ports.internal_http == 9191


def test_any_free_port_stays_any_free_port(reading: Reading) -> None:
    ports = reading("cluster_config.wire_port = 0\nmediation.internal_http_api_port = 0\n").ports
    assert (ports.wire, ports.internal_http) == (0, 0)


def test_overrides_reach_nested_keys_arrays_and_aliases(reading: Reading) -> None:
    settings = reading(
        '[[datasource]]\nid = "a"\nurl = "u"\npassword = "old"\n[server]\ngraceful_stop_timeout = 1\n',
        environ={
            "MI__DATASOURCE__0__PASSWORD": "new",
            "MI__DATASOURCE__POOL_OPTIONS__MAXACTIVE": "7",
            "MI__MEDIATION__SYNAPSE__MAX_THREADS": "3",
            "MI__SERVER__GRACEFUL_SHUTDOWN_TIMEOUT": "$env{LIMIT}",
            "MI__SERVER__ROLES": "a,b",
            "LIMIT": "5000",
        },
    )
    assert settings.datasources["a"].password == "new"
    assert settings.datasources["a"].pool_options.max_active == 7
    assert settings.mediation.synapse.max_threads == 3
    assert settings.server.graceful_shutdown_timeout == 5
    assert settings.server.roles == ("a", "b")
    assert settings.warnings == ()


def test_an_override_of_an_unknown_key_is_a_warning(reading: Reading) -> None:
    settings = reading("", environ={"MI__SERVER__OFFSETT": "1", "MI__": "x", "MI__A____B": "y"})
    assert settings.warnings == (
        "environment variable MI__SERVER__OFFSETT: Unknown configuration key 'server.offsett' "
        "(did you mean 'server.offset'?)",
    )


def test_the_log_listens_to_its_own_variables(reading: Reading) -> None:
    logging = reading("", environ={"MI_LOG_FORMAT": "json", "MI_LOG_FILES": "false"}).logging
    assert (logging.format, logging.files) == ("json", False)
    assert reading("", environ={"MI_LOG_FORMAT": "pattern"}).logging.format == "text"
