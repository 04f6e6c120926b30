"""A file, variables and properties become typed settings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from micro_integrator.config import Settings

Reading = Callable[..., Settings]

DATASOURCE = """
[[datasource]]
id = "WSO2_COORDINATION_DB"
url = "jdbc:sqlite:cluster.db"
"""


def test_an_empty_file_gives_the_defaults(reading: Reading) -> None:
    settings = reading("")
    assert settings.server.offset == 10
    assert settings.ports.internal_http == 9201
    assert settings.ports.wire == 9202
    assert settings.cluster_config.window == 15
    assert settings.server.graceful_shutdown_timeout == 60
    assert settings.mediation.synapse.global_timeout_interval == 120
    assert settings.transport_http.connect_limit == 90
    assert settings.datasources == {}
    assert settings.task_resolver is None
    assert settings.warnings == settings.info == ()


def test_numbers_and_truth_values_may_be_texts(reading: Reading) -> None:
    settings = reading(
        """
        [server]
        offset = " 20 "
        hot_deployment = "False"
        artifact_max_xml = "2 MiB"
        [cluster_config]
        heart_beat_interval = "1500"
        heart_beat_max_retry = 4.0
        fast_takeover = "off"
        """
    )
    assert settings.server.offset == 20
    assert settings.server.hot_deployment is False
    assert settings.server.artifact_max_xml == 2 * 1024 * 1024
    assert settings.cluster_config.window == 6
    assert settings.cluster_config.fast_takeover is False


@pytest.mark.parametrize(
    "text",
    [
        "[mediation.synapse]\nmax_threads = 7\n",
        "mediation.synapse.max_threads = 7\n",
        "[mediation]\nsynapse.max_threads = 7\n",
        "[mediation]\n'synapse.max_threads' = '7'\n",
        "'mediation.synapse.max_threads' = 7\n",
        "mediation = { synapse = { max_threads = 7 } }\n",
        "[synapse_properties]\n'synapse.threads.max' = '7'\n",
        "[synapse_properties]\nsynapse.threads.max = 7\n",
    ],
)
def test_all_spellings_of_a_key_mean_the_same(text: str, reading: Reading) -> None:
    settings = reading(text)
    assert settings.mediation.synapse.max_threads == 7
    assert settings.warnings == settings.info == ()


def test_a_raw_name_of_the_http_transport_is_read(reading: Reading) -> None:
    settings = reading("[passthru_properties]\n'http.headers.preserve' = 'Date, Server'\n")
    assert settings.transport_http.preserve_http_headers == ("Date", "Server")


@pytest.mark.parametrize("nodes", ['"node-1, node-2 ,node-3"', '["node-1", "node-2", "node-3"]'])
def test_a_list_may_be_a_text_with_commas(nodes: str, reading: Reading) -> None:
    resolver = reading(f"[[task_resolver]]\ntask_nodes = {nodes}\n").task_resolver
    assert resolver is not None
    assert [node.strip() for node in resolver["task_nodes"].split(",")] == ["node-1", "node-2", "node-3"]


def test_a_single_table_is_an_array_of_one(reading: Reading) -> None:
    settings = reading('[datasource]\nid = "a"\nurl = "u"\n[task_resolver]\nzones = 3\nstrict = true\n')
    assert settings.datasources["a"].url == "u"
    assert settings.task_resolver == {"zones": "3", "strict": "true"}


def test_only_the_first_resolver_table_counts(reading: Reading) -> None:
    settings = reading("[[task_resolver]]\na = 1\n[[task_resolver]]\nb = 2\n")
    assert settings.task_resolver == {"a": "1"}
    assert settings.warnings == (
        "conf/deployment.toml:3: [[task_resolver]] is given more than once; only the first one counts",
    )


def test_a_java_resolver_is_known_by_its_short_name(reading: Reading) -> None:
    name = "org.wso2.micro.integrator.ntask.coordination.task.resolver.RoundRobinResolver"
    assert (
        reading(f'[task_handling]\nresolver_class = "{name}"\n').task_handling.resolver_class == "round_robin"
    )


@pytest.mark.parametrize(("value", "shown"), [("0", "0"), ('"soon"', "'soon'")])
def test_a_bad_resolving_period_costs_a_warning_only(value: str, shown: str, reading: Reading) -> None:
    settings = reading(f"[task_handling]\nresolving_period = {value}\n")
    assert settings.task_handling.resolving_period == 2
    assert settings.warnings[0].endswith(
        ": resolving_period should be greater than or equal to 1 seconds. "
        f"The value {shown} will be ignored and default 2 will be used."
    )


def test_the_fast_profile_stands_for_values_that_are_not_given(reading: Reading) -> None:
    assert reading('[cluster_config]\nprofile = "fast"\n').cluster_config.window == 3
    mixed = reading('[cluster_config]\nprofile = "fast"\nheart_beat_interval = 1000\n').cluster_config
    assert mixed.window == 6


def test_keys_without_effect_are_told_once_each(reading: Reading) -> None:
    settings = reading("[task_handling]\ncoordination_hardening = true\nresolving_frequency = 3\n")
    assert settings.info == (
        "[coordination_hardening] is not needed; the behaviour is always on",
        "[resolving_frequency] is not needed; the behaviour is always on",
    )


def test_keys_of_what_this_product_is_not_made_of_are_told_with_what_to_set_instead(reading: Reading) -> None:
    settings = reading(
        """
        [transport.http]
        core_worker_pool_size = 400
        max_worker_pool_size = 400
        io_buffer_size = 16384
        [transport.blocking.http.sender]
        so_timeout = 60000
        [passthru_properties]
        worker_pool_size_core = 400
        [mediation]
        synapse.core_threads = 20
        """
    )
    assert settings.warnings == ()
    assert [line.partition(", for ")[0] for line in settings.info] == [
        "[transport.http] core_worker_pool_size, max_worker_pool_size: without meaning here",
        "[transport.http] io_buffer_size: without meaning here",
        "[transport.blocking.http.sender] so_timeout: without meaning here",
        "[passthru_properties] worker_pool_size_core: without meaning here",
        "[mediation.synapse] core_threads: without meaning here",
    ]
    assert "[mediation] max_in_flight" in settings.info[0]
    assert "[transport.http] socket_timeout" in settings.info[2]


def test_known_keys_that_are_not_used_yet_take_one_line_a_section(reading: Reading) -> None:
    settings = reading(
        """
        [server]
        enable_mtom = true
        user_agent = "x"
        [[transport.jms.listener]]
        name = "queue"
        parameter.provider_url = "tcp://x"
        [[transport.jms.listener]]
        name = "topic"
        [transport.http.listener]
        wsdl_epr_prefix = "http://x"
        [[management_api.custom_handlers]]
        name = "own"
        """
    )
    assert settings.warnings == ()
    assert settings.info == (
        "[server] enable_mtom, user_agent: known, not used yet",
        "[transport.jms] listener.name, listener.parameter.provider_url: known, not used yet",
        "[transport.http.listener] wsdl_epr_prefix: known, not used yet",
        "[management_api] custom_handlers.name: known, not used yet",
    )


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "[cluster_config]\nheart_beat_intervall = 1\n",
            "conf/deployment.toml:2: Unknown configuration key 'cluster_config.heart_beat_intervall' "
            "(did you mean 'cluster_config.heart_beat_interval'?)",
        ),
        (
            f"{DATASOURCE.lstrip()}pool_options.maxactiv = 1\n[cluster_config]\nnode_id = 'a'\n",
            "conf/deployment.toml:4: Unknown configuration key 'datasource.pool_options.maxactiv' "
            "(did you mean 'datasource.pool_options.maxActive'?)",
        ),
        ("[zzz]\nqqq = 1\n", "conf/deployment.toml:2: Unknown configuration key 'zzz.qqq'"),
    ],
)
def test_an_unknown_key_is_a_warning_with_a_suggestion(text: str, warning: str, reading: Reading) -> None:
    assert reading(text).warnings == (warning,)


def test_a_random_node_id_beside_a_coordination_database_is_a_warning(reading: Reading) -> None:
    settings = reading(DATASOURCE)
    assert f"random id [{settings.cluster_config.node_id}]" in settings.warnings[0]
    assert settings.properties["node.id"] == settings.cluster_config.node_id
    assert reading(DATASOURCE, properties={"nodeId": "node-1"}).warnings == ()
    assert reading("").warnings == ()


def test_system_parameters_become_properties_and_the_command_line_wins(reading: Reading) -> None:
    text = '[system.parameter]\n\'my.host\' = "$env{H}"\nother = 1\n[server]\nhostname = "$sys{my.host}"\n'
    settings = reading(text, properties={"other": "2"}, environ={"H": "mi.example"})
    assert settings.server.hostname == "mi.example"
    assert settings.properties["my.host"] == "mi.example"
    assert settings.properties["other"] == "2"
    assert settings.info == ("[system.parameter] other: the value of the command line is used",)


def test_placeholders_work_in_tables_arrays_and_numbers(reading: Reading) -> None:
    settings = reading(
        """
        [server]
        offset = "$env{OFFSET}"
        roles = ["$env{ROLE}", "$sys{role:b}"]
        hostname = "${carbon.home}"
        [[datasource]]
        id = "a"
        url = "jdbc:mysql://$env{HOST}:$env{PORT:3306}/db"
        password = "$env{PASS}"
        pool_options.maxActive = "$ref{server.offset}"
        [[datasource]]
        id = "b"
        url = "$ref{datasource.0.url}"
        """,
        environ={"OFFSET": "30", "ROLE": "a", "HOST": "h", "PASS": "hunter2"},
    )
    assert settings.server.offset == 30
    assert settings.server.roles == ("a", "b")
    assert settings.server.hostname == str(settings.home.root)
    assert settings.datasources["a"].url == settings.datasources["b"].url == "jdbc:mysql://h:3306/db"
    assert settings.datasources["a"].pool_options.max_active == 30
    assert settings.secret_values == {"hunter2"}
    assert "hunter2" not in repr(settings)


def test_a_reference_may_name_a_key_that_has_only_a_default(reading: Reading) -> None:
    assert (
        reading('[cluster_config]\ngroup_id = "$ref{server.hostname}"\n').cluster_config.group_id
        == "localhost"
    )


def test_class_aliases_keep_their_dots(reading: Reading) -> None:
    settings = reading("[mediation.class_aliases]\n'org.example.Mine' = 'mine:Mine'\n")
    assert settings.mediation.class_aliases == {"org.example.Mine": "mine:Mine"}


def test_masking_patterns_keep_their_replacements(reading: Reading) -> None:
    text = "[masking_pattern.properties]\ncard = '\\d+'\n'card.replace' = '(card)'\n"
    assert reading(text).masking_pattern.properties == {"card": r"\d+", "card.replace": "(card)"}


def test_accepting_any_certificate_is_a_warning(reading: Reading) -> None:
    settings = reading('[transport.http.sender]\nhostname_verifier = "AllowAll"\n')
    assert settings.warnings[0].startswith(
        "conf/deployment.toml:2: [transport.http.sender] hostname_verifier"
    )


def test_pool_options_are_typed(reading: Reading) -> None:
    text = f"{DATASOURCE}pool_options.maxWait = '60000'\npool_options.connectionProperties = 'a=b; c=d'\n"
    pool = reading(text).datasources["WSO2_COORDINATION_DB"].pool_options
    assert pool.max_wait == 60
    assert pool.kept == 10
    assert pool.connection_properties == {"a": "b", "c": "d"}
    endless = reading(f"{DATASOURCE}pool_options.maxWait = -1\npool_options.maxActive = 5\n")
    assert endless.datasources["WSO2_COORDINATION_DB"].pool_options.max_wait is None
    assert endless.datasources["WSO2_COORDINATION_DB"].pool_options.kept == 5


def test_relative_database_files_count_from_the_home(reading: Reading, tmp_path: Path) -> None:
    assert reading(DATASOURCE).datasources["WSO2_COORDINATION_DB"].directory == tmp_path


def test_the_server_name_is_a_name_of_its_own(reading: Reading) -> None:
    assert reading("").server_name == "localhost"
    assert reading("", properties={"SynapseServerName": "srvA"}).server_name == "srvA"


def test_pool_options_without_effect_are_named_at_the_start(reading: Reading) -> None:
    options = "pool_options.minIdle = 5\npool_options.removeAbandoned = true\n"
    settings = reading(f"{DATASOURCE}defaultAutoCommit = true\n{options}", properties={"nodeId": "a"})
    assert settings.warnings == ()
    assert settings.info == (
        "[datasource] defaultAutoCommit: known, not used yet",
        "[datasource.pool_options] minIdle, removeAbandoned: known, not used yet",
    )


def test_the_common_trust_store_counts_wherever_no_other_is_named(reading: Reading) -> None:
    settings = reading(
        "[truststore]\nfile_name = 'all.pem'\n[transport.http.listener.truststore]\nlocation = 'clients.pem'\n"
    )
    http, internal = settings.transport_http, settings.internal_api_ssl_config
    assert http.sender.truststore.file_name == "all.pem"
    assert internal.trust_store.file_name == "all.pem"
    assert http.listener.truststore.file_name == "clients.pem"
    text = "[truststore]\nfile_name = 'all.pem'\n[transport.http.sender.truststore]\ntype = 'system'\n"
    assert reading(text).transport_http.sender.truststore.is_system
    assert reading("").transport_http.sender.truststore.is_system
