"""The APIs of these tests, as their authors would write them."""

from xml.sax.saxutils import quoteattr

NAMESPACE = "http://ws.apache.org/ns/synapse"

STEADFAST = "".join(
    f"<{rule}><errorCodes>-1</errorCodes></{rule}>" for rule in ("markForSuspension", "suspendOnFailure")
)
"""One call that fails must not refuse the calls of the next test, as the suspension of an endpoint would."""


def api(name: str, *resources: str) -> str:
    """Return an API below `/<name>`."""
    return f'<api xmlns="{NAMESPACE}" name="{name}" context="/{name}">{"".join(resources)}</api>'


def resource(mediators: str, fault: str = "", **attributes: str) -> str:
    """Return a resource that runs `mediators`, and `fault` after an error; `attributes` such as uri_template."""
    words = "".join(f" {name.replace('_', '-')}={quoteattr(value)}" for name, value in attributes.items())
    after = f"<faultSequence>{fault}</faultSequence>" if fault else ""
    return f"<resource{words}><inSequence>{mediators}</inSequence>{after}</resource>"


def call(url: str, limit_ms: int | None = None, action: str = "fault") -> str:
    """Return a <call> of what stands below `url`, with the rest of the path that the client asked for."""
    limit = (
        ""
        if limit_ms is None
        else f"<duration>{limit_ms}</duration><responseAction>{action}</responseAction>"
    )
    timeout = f"<timeout>{limit}</timeout>" if limit else ""
    address = f"<address uri={quoteattr(url)}>{timeout}{STEADFAST}</address>"
    return f"<call><endpoint>{address}</endpoint></call>"


def relay(name: str, url: str, limit_ms: int | None = None, action: str = "fault") -> str:
    """Return an API that passes every request on to `url`, and back whatever comes."""
    return api(name, resource(call(url, limit_ms, action) + "<respond/>"))


def reply(text: str, status: int | None = None, *expressions: str) -> str:
    """Return mediators that answer with `text`, in which $1 stands for the first of `expressions`."""
    chosen = "" if status is None else f'<property name="HTTP_SC" scope="axis2" value="{status}"/>'
    arguments = "".join(f"<arg expression={quoteattr(expression)}/>" for expression in expressions)
    payload = (
        f'<payloadFactory media-type="text"><format>{text}</format><args>{arguments}</args></payloadFactory>'
    )
    return f"{chosen}{payload}<respond/>"
