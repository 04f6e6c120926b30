"""The artifacts of test homes: tasks, and the sequence that tells the sink about each fire."""

from xml.sax.saxutils import quoteattr

NAMESPACE = "http://ws.apache.org/ns/synapse"
SEQUENCE = "to-sink"

_REPORTED = {
    "task": "coordination.task",
    "key": "coordination.fire_key",
    "seq": "coordination.trigger_seq",
    "fence": "coordination.fence",
    "redelivered": "coordination.redelivered",
}
"""What a request tells → the property of the message it comes from."""


def task_xml(
    name: str,
    *,
    every: int | None = None,
    count: int | None = None,
    cron: str | None = None,
    once: bool = False,
    pinned: str | None = None,
    task_class: str | None = None,
    sequence: str = SEQUENCE,
    **properties: object,
) -> str:
    """Return a <task> that injects into `sequence`, or runs `task_class` with `properties`."""
    trigger = _attributes(interval=every, count=count, cron=cron, once="true" if once else None)
    if task_class is None:
        properties = {"injectTo": "sequence", "sequenceName": sequence, **properties}
        message = '<property name="message"><fire xmlns=""/></property>'
    else:
        message = ""
    settings = "".join(
        f"<property{_attributes(name=key, value=value)}/>" for key, value in properties.items()
    )
    head = _attributes(xmlns=NAMESPACE, name=name, **{"class": task_class}, pinnedServers=pinned)
    return f"<task{head}><trigger{trigger}/>{settings}{message}</task>"


def to_sink(url: str, node: str) -> str:
    """Return the sequence that calls the sink at `url` in the name of `node`."""
    variables = "".join(
        f"""<property name="uri.var.{name}" expression="get-property('{source}')"/>"""
        for name, source in _REPORTED.items()
    )
    query = "&".join(f"{name}={{uri.var.{name}}}" for name in _REPORTED)
    template = quoteattr(f"{url}/fired?node={node}&{query}")
    # one call that fails must not silence all tasks for a while, as the suspension of an endpoint would
    steadfast = "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    endpoint = f'<http method="get" uri-template={template}>{steadfast}</http>'
    call = f"<call><endpoint>{endpoint}</endpoint></call>"
    bare = '<property name="NO_ENTITY_BODY" scope="axis2" type="BOOLEAN" value="true"/>'
    return f'<sequence xmlns="{NAMESPACE}" name="{SEQUENCE}">{variables}{bare}{call}</sequence>'


def _attributes(**values: object) -> str:
    return "".join(f" {name}={quoteattr(str(value))}" for name, value in values.items() if value is not None)
