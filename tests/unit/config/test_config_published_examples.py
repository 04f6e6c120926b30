"""Files that users copy from published documentation are accepted unchanged."""

from collections.abc import Callable

import pytest

from micro_integrator.config import Settings

Reading = Callable[..., Settings]

MYSQL = """
[[datasource]]
id = "WSO2_COORDINATION_DB"
url = "jdbc:mysql://localhost:3306/clusterdb"
username = "root"
password = "root-pass"
driver = "com.mysql.jdbc.Driver"
pool_options.maxActive = 50
pool_options.maxWait = 60000
pool_options.testOnBorrow = true

[cluster_config]
node_id = "node-1"

[task_handling]
resolver_class = "org.wso2.micro.integrator.ntask.coordination.task.resolver.TaskNodeResolver"
resolving_period = "6"
resolving_frequency = "3"

[[task_resolver]]
task_nodes = "node-1, node-2 ,node-3"
"""

POSTGRESQL = """
[server]
hostname = "localhost"
offset = "10"

[user_store]
type = "read_only_ldap"

[keystore.primary]
file_name = "repository/resources/security/wso2carbon.p12"
password = "wso2carbon"
alias = "wso2carbon"
key_password = "wso2carbon"

[truststore]
file_name = "repository/resources/security/client-truststore.p12"
password = "wso2carbon"
alias = "symmetric.key.value"
algorithm = "AES"

[mediation]
internal_http_api_enable = "true"

[[datasource]]
id = "WSO2_COORDINATION_DB"
url = "jdbc:postgresql://localhost:5432/clusterdb"
username = "$env{DB_USER}"
password = "$env{DB_PASS}"
driver = "org.postgresql.Driver"
[datasource.pool_options]
maxActive = "50"
maxWait = "60000"
testOnBorrow = "true"

[cluster_config]
node_id = "$env{POD_NAME}"

[task_handling]
resolver_class = "org.wso2.micro.integrator.ntask.coordination.task.resolver.RoundRobinResolver"

[[task_resolver]]
task_server_count = "3"

[transport.http]
socket_timeout = "120000"
core_worker_pool_size = 500
max_worker_pool_size = 500
listener.secured_protocols = "TLSv1.2"
sender.warn_on_http_500 = "*"

[[synapse_handlers]]
name = "CustomObservabilityHandler"
class = "org.wso2.micro.integrator.observability.metric.handler.MetricHandler"

[synapse_properties]
'synapse.global_timeout_interval' = "60000"
'synapse.jsonpath.ignore.not.found.error' = true
"""


def test_the_mysql_example_of_a_cluster_is_accepted(reading: Reading) -> None:
    settings = reading(MYSQL)
    assert settings.warnings == ()
    assert settings.info == ("[resolving_frequency] is not needed; the behaviour is always on",)
    assert settings.task_handling.resolving_period == 6
    assert settings.task_handling.resolver_class == "task_node"
    assert settings.task_resolver == {"task_nodes": "node-1, node-2 ,node-3"}
    pool = settings.datasources["WSO2_COORDINATION_DB"].pool_options
    assert (pool.max_active, pool.max_wait, pool.test_on_borrow) == (50, 60, True)


def test_the_postgresql_example_of_a_container_is_accepted(reading: Reading) -> None:
    environ = {"DB_USER": "mi", "DB_PASS": "hunter2", "POD_NAME": "mi-0"}
    settings = reading(POSTGRESQL, environ=environ)
    assert settings.warnings == ()
    assert settings.cluster_config.node_id == "mi-0"
    assert settings.datasources["WSO2_COORDINATION_DB"].username == "mi"
    assert settings.mediation.synapse.global_timeout_interval == 60
    assert settings.transport_http.connect_limit == 60
    assert any(line.startswith("[synapse_handlers]") for line in settings.info)


@pytest.mark.parametrize("text", [MYSQL, POSTGRESQL])
def test_nothing_in_the_examples_is_unknown_to_a_strict_reading(text: str, reading: Reading) -> None:
    reading(text, environ={"DB_USER": "mi", "DB_PASS": "x", "POD_NAME": "mi-0"}, strict=True)
