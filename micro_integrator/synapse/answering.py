"""A message goes back to whoever waits for an answer."""

from micro_integrator.synapse.message import Message, written
from micro_integrator.synapse.ports import ReplyChannel


async def answer(message: Message, channel: ReplyChannel) -> None:
    """Send payload, headers and the status of HTTP_SC; without one a SOAP fault is 500, anything else 200."""
    raw, content_type = written(message)
    if raw:
        message.headers["Content-Type"] = content_type
    status = message.properties.get("HTTP_SC", "axis2") or (500 if message.is_fault else 200)
    await channel.reply(int(str(status)), message.headers, raw)
