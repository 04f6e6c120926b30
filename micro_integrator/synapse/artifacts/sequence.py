"""<sequence> - mediators with a name.

    <sequence name="NAME" [onError="KEY"]> mediators </sequence>

name      key under which the sequence is called; `main` and `fault` replace the shipped ones
onError   sequence that handles errors while this one runs

A sequence `pre-mediate` runs before every message; where it stops, the message is not let in.
"""

from dataclasses import replace
from typing import Self

from micro_integrator.synapse.artifact import ENTRIES, Artifact, artifact
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Branch, read_branch


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
        name = x.required("name")
        return cls(name=name, branch=replace(read_branch(x), name=name))
