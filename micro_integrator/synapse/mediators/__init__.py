"""The mediators of the language, one file for each element: grammar, meaning and class together.

Importing this package fills the catalogue. A file knows nothing of its neighbours; add a new one to the list.
"""

from micro_integrator.synapse.mediators import (
    call,
    drop,
    filter,
    header,
    log,
    payload_factory,
    property,
    property_group,
    respond,
    send,
    sequence,
    switch,
    variable,
)

__all__ = [
    "call",
    "drop",
    "filter",
    "header",
    "log",
    "payload_factory",
    "property",
    "property_group",
    "respond",
    "send",
    "sequence",
    "switch",
    "variable",
]
