"""On which node a task shall run: three rules, and the user's own.

A plan shows its resolver the `View` of the group and gets a node for each task that needs one. `make_resolver` finds
the rule by the name in `[task_handling] resolver_class`. Start reading with `resolver`, the port; each rule is one
file, and its choice one pure function.
"""

from collections.abc import Mapping

from micro_integrator.kit import did_you_mean
from micro_integrator.observability import get_logger
from micro_integrator.tasks.resolvers.active_passive import ActivePassive
from micro_integrator.tasks.resolvers.custom import Custom
from micro_integrator.tasks.resolvers.resolver import Resolver, ResolverError, View
from micro_integrator.tasks.resolvers.round_robin import SERVER_COUNT, RoundRobin
from micro_integrator.tasks.resolvers.task_node import TASK_NODES, TaskNode

log = get_logger("TaskResolver")

_JAVA = "org.wso2.micro.integrator.ntask.coordination.task.resolver."
_NAMES = {
    "active_passive": "active_passive",
    "round_robin": "round_robin",
    "task_node": "task_node",
    f"{_JAVA}ActivePassiveResolver": "active_passive",
    f"{_JAVA}RoundRobinResolver": "round_robin",
    f"{_JAVA}TaskNodeResolver": "task_node",
}
_READS = {"active_passive": "", "round_robin": SERVER_COUNT, "task_node": TASK_NODES}
"""The property that each rule has."""


def make_resolver(class_name: str | None, properties: Mapping[str, str] | None) -> Resolver:
    """Return the resolver called `class_name`, active-passive for None, with the first [[task_resolver]] if any.

    Raises ResolverError naming the key and the value that is wrong.
    """
    name = class_name or "active_passive"
    if ":" in name:
        return Custom.from_class(name, properties)
    if (rule := _NAMES.get(name)) is None:
        why = f"expected one of {', '.join(_READS)}, or package.module:Class{did_you_mean(name, _NAMES)}"
        raise ResolverError("[task_handling] resolver_class", name, why)
    found = properties or {}
    _check_keys(rule, found)
    if rule == "round_robin":
        return RoundRobin.from_properties(found)
    if rule == "task_node":
        return TaskNode.from_properties(found)
    return ActivePassive()


def _check_keys(rule: str, properties: Mapping[str, str]) -> None:
    """A property of another rule stays behind when the rule is changed; one that no rule has is misspelt."""
    known = [key for key in _READS.values() if key]
    for key, value in properties.items():
        if key not in known:
            why = f"{rule} has no such property{did_you_mean(key, known)}"
            raise ResolverError(f"[[task_resolver]] {key}", value, why)
        if key != _READS[rule]:
            log.warning(
                "[[task_resolver]] {key} = '{value}' has no effect with resolver_class = '{rule}'",
                key=key,
                value=value,
                rule=rule,
            )


__all__ = ["Resolver", "ResolverError", "View", "make_resolver"]
