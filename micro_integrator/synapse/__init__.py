"""The Synapse language and its engine: messages, expressions, mediators, artifacts.

Must never know where files come from, how bytes travel, or who owns a task: what it needs from outside stands in
`ports`. The way of a message, and of a definition:

    serve  → gateway → arriving → apis → flow → mediators → answering → ReplyChannel
    inject → engine → flow → mediators, one after the other → Outcome
                       └──── error → faults → the sequence that handles it
    load   → artifact → grammar → artifacts/<kind> → mediators/<tag> → expressions
                       └──── graph: what is in force, replaced as a whole

Start reading in `mediator` and `mediators/switch`, then `flow`; `message/body` is the hard part. To add a mediator,
write `mediators/<tag>.py` and name it in `mediators/__init__`.
"""

from micro_integrator.synapse import artifacts, mediators
from micro_integrator.synapse.apis.cors import Cors
from micro_integrator.synapse.artifact import (
    ENTRIES,
    Artifact,
    Loaded,
    Origin,
    artifact,
    canonical,
    collisions,
    load,
)
from micro_integrator.synapse.engine import Engine
from micro_integrator.synapse.entry import Entry, Outcome
from micro_integrator.synapse.errors import (
    DeploymentError,
    EndpointError,
    FormatError,
    LeaseLost,
    MediationError,
)
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.formats import ChosenFormats
from micro_integrator.synapse.formats.json_xml import Rules as JsonXmlRules
from micro_integrator.synapse.grammar import NAMESPACE, XmlReader
from micro_integrator.synapse.graph import Graph
from micro_integrator.synapse.mediator import Branch, Mediator, mediator, read_branch
from micro_integrator.synapse.message import Body, Field, Headers, Message, Properties, is_yes, written
from micro_integrator.synapse.ports import (
    Arrival,
    ClientCertificate,
    Registry,
    ReplyChannel,
    Request,
    Response,
    Sender,
    Stream,
    Tasks,
)
from micro_integrator.synapse.reading import Notice, Reference, Source, Terms
from micro_integrator.synapse.surroundings import Surroundings

__all__ = [
    "ENTRIES",
    "NAMESPACE",
    "Arrival",
    "Artifact",
    "Body",
    "Branch",
    "ChosenFormats",
    "ClientCertificate",
    "Cors",
    "DeploymentError",
    "EndpointError",
    "Engine",
    "Entry",
    "Field",
    "Flow",
    "FormatError",
    "Graph",
    "Headers",
    "JsonXmlRules",
    "LeaseLost",
    "Loaded",
    "MediationError",
    "Mediator",
    "Message",
    "Notice",
    "Origin",
    "Outcome",
    "Properties",
    "Reference",
    "Registry",
    "ReplyChannel",
    "Request",
    "Response",
    "Sender",
    "Source",
    "Stream",
    "Surroundings",
    "Tasks",
    "Terms",
    "XmlReader",
    "artifact",
    "artifacts",
    "canonical",
    "collisions",
    "is_yes",
    "load",
    "mediator",
    "mediators",
    "read_branch",
    "written",
]
