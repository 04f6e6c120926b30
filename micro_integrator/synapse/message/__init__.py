"""What flows: a message, its lazily read body, headers, and properties by scope.

Knows formats, never mediators or artifacts. Start reading in `body`: it decides who pays for a payload.
"""

from micro_integrator.synapse.message.body import Body
from micro_integrator.synapse.message.headers import Field, Headers
from micro_integrator.synapse.message.message import Message
from micro_integrator.synapse.message.outgoing import outgoing, until_writable, written
from micro_integrator.synapse.message.properties import Properties, is_yes

__all__ = [
    "Body",
    "Field",
    "Headers",
    "Message",
    "Properties",
    "is_yes",
    "outgoing",
    "until_writable",
    "written",
]
