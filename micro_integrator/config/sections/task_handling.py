"""[task_handling] and [[task_resolver]]: who plans tasks, and how they fire and end."""

import re
from collections.abc import Mapping

from micro_integrator.config.keys import key, section, table
from micro_integrator.config.kinds import (
    Kind,
    Mismatch,
    choice,
    filled,
    integer,
    plain_id,
    seconds,
    strings,
    zone,
)

_JAVA = "org.wso2.micro.integrator.ntask.coordination.task.resolver."
_RESOLVERS = {
    "active_passive": f"{_JAVA}ActivePassiveResolver",
    "round_robin": f"{_JAVA}RoundRobinResolver",
    "task_node": f"{_JAVA}TaskNodeResolver",
}
_PYTHON_CLASS = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def _resolver(value: object) -> str:
    name = filled.read(value)
    for word, java_name in _RESOLVERS.items():
        if name in (word, java_name):
            return word
    if not _PYTHON_CLASS.fullmatch(name):
        raise Mismatch
    return name


def _node_ids(value: object) -> tuple[str, ...]:
    found = tuple(plain_id.read(node) for node in strings.read(value))
    if not found:
        raise Mismatch
    return found


def _property(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(_property(part) for part in value)
    if isinstance(value, str | int | float):
        return str(value)
    raise Mismatch


resolver_name = Kind(
    "active_passive, round_robin, task_node (or their Java names), or package.module:Class", _resolver
)
node_ids = Kind("a list of node ids, or a text with commas", _node_ids)
resolver_property = Kind("a text, number, truth value or list", _property)


@section(
    "task_handling",
    without_effect="""
    resolving_frequency scheduledPeriod persist_message_processor_state enable_task_delete_barrier
    enable_task_monitoring coordination_hardening synchronous_injection
    """,
)
class TaskHandlingSettings:
    """Who plans tasks, and how they fire and end."""

    resolver_class: str = key(
        "active_passive",
        kind=resolver_name,
        doc="who chooses nodes: `active_passive`, `round_robin`, `task_node` or `package.module:Class`",
    )
    resolving_period: int = key(
        2,
        kind=integer(at_least=1),
        forgiven="resolving_period should be greater than or equal to 1 seconds. The value {value} will be ignored "
        "and default {default} will be used.",
        is_reloadable=True,
        doc="seconds between two planning passes at most",
    )
    rebalance: str | None = key(
        None,
        kind=choice("never", "on_join"),
        doc="move tasks to a newcomer; default: `on_join` for round robin, else `never`",
    )
    drain_timeout: float = key(
        30, kind=seconds(), doc="seconds a running task body may take to end when the node stops"
    )
    default_fire_mode: str | None = key(
        None,
        kind=choice("claim", "claim_retry", "lease"),
        doc="fire mode of tasks that name none; default: by kind",
    )
    misfire: str | None = key(
        None, kind=choice("skip", "fire_once"), doc="what becomes of missed occurrences; default: by trigger"
    )
    timezone: str | None = key(
        None, kind=zone, doc="time zone of cron triggers that name none; default: zone of the process"
    )


@section("task_resolver", is_array=True)
class TaskResolverSettings:
    """Properties of the resolver; only the first table counts. A resolver of your own gets all as texts."""

    task_server_count: int | None = key(
        None, kind=integer(at_least=0), doc="round robin: assign nothing while fewer nodes are present"
    )
    task_nodes: tuple[str, ...] | None = key(None, kind=node_ids, doc="task node: ids of the eligible nodes")
    properties: Mapping[str, str] = table(
        kind=resolver_property, name="", doc="all keys of the table, for a custom resolver"
    )
