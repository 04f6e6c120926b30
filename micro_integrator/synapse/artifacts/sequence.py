"""<sequence> - mediators with a name.

    <sequence name="NAME" [onError="KEY"]> mediators </sequence>

name      key under which the sequence is called; `main` and `fault` replace the shipped ones
onError   sequence that handles errors while this one runs

A sequence `pre-mediate` runs before every message; where it stops, the message is not let in.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="orders" onError="orders-failed">
      <log level="full"/>
    </sequence>
"""

from typing import Self

from micro_integrator.synapse.artifact import ENTRIES, Artifact, artifact
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Branch, read_mediators


@artifact("sequence", space=ENTRIES)
class Sequence(Artifact):
    """A named branch."""

    name: str
    branch: Branch

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the definition; a reference (`key`) is none."""
        if x.has("key"):
            raise x.error("<sequence key='...'> refers to a sequence; an artifact needs 'name'")
        name, on_error = x.required("name"), x.attribute("onError")
        if on_error is not None:
            x.refer("sequence", on_error)
        return cls(name=name, branch=Branch(read_mediators(x), name, on_error))
