"""Unit cases that run mediators on a message."""

from dataclasses import dataclass, field
from typing import Self

from conformance.comparing import check
from conformance.contexts import artifacts_around, artifacts_of, check_context, engine_with, message_in
from conformance.corpus import Row
from conformance.definitions import sequence
from conformance.verdict import Gap, Mismatch
from lxml import etree

from micro_integrator.synapse import (
    Artifact,
    Branch,
    Entry,
    Flow,
    Mediator,
    Message,
    Outcome,
    XmlReader,
)
from micro_integrator.synapse.artifacts.sequence import Sequence
from micro_integrator.synapse.formats import standalone

NAME = "tried"
"""The sequence of the case's mediators."""

_JUDGED = {"context", "invocations", "payload_xpath", "error", "error_contains"}


@dataclass(frozen=True)
class Witness(Mediator):
    """Stands in front of a sequence and keeps what every message was like that came in."""

    seen: list[Row] = field(default_factory=list)

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Refuse: a witness stands in no definition."""
        raise x.error("unknown mediator")

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Keep payload and addresses, and let the message pass."""
        payload = message.body.json_text() if message.body.is_json else _document(message)
        if isinstance(payload, etree._Element):
            payload = etree.tostring(payload, encoding="unicode")
        self.seen.append({"payload": payload, "soap_action": message.soap_action, "to": message.to})
        return True


async def mediate(case: Row) -> None:
    """Run the mediators of a case. Raises Mismatch, and Gap for what cannot be tried."""
    expected: Row = case["expect"]
    if unknown := expected.keys() - _JUDGED:
        raise Gap(f"the runner does not judge '{', '.join(sorted(unknown))}'")
    witness = Witness()
    invoked = expected.get("invocations", {}).get("sequence")
    message, outcome = await mediated(case, invoked, witness)
    _check_outcome(expected, outcome)
    check_context(expected.get("context", []), message)
    if invoked:
        _check_invocations(expected["invocations"], witness.seen)
    _check_payload(expected.get("payload_xpath", []), message)


async def mediated(
    case: Row, watched: str | None = None, witness: Witness | None = None
) -> tuple[Message, Outcome]:
    """Return the message of a case behind its mediators; `witness` stands in front of the sequence `watched`."""
    context = case.get("context", {})
    artifacts = artifacts_of(sequence(case.get("mediators", []), NAME)) + artifacts_around(context)
    if watched and witness:
        _watch(artifacts, watched, witness)
    engine = engine_with(artifacts)
    message = message_in(engine, context)
    return message, await engine.inject(Entry(NAME), message)


def _watch(artifacts: list[Artifact], name: str, witness: Witness) -> None:
    for found in artifacts:
        if isinstance(found, Sequence) and found.name == name:
            inside = found.branch
            found.branch = Branch(((witness, "witness"), *inside.steps), inside.name, inside.on_error)


def _check_outcome(expected: Row, outcome: Outcome) -> None:
    must_fail = "error_contains" in expected or expected.get("error", False)
    if not must_fail:
        if outcome.error is not None:
            raise Mismatch(f"faulted: {outcome.error}")
        return
    if outcome.state != "faulted":
        raise Mismatch("a fault was expected")
    check("contains", str(outcome.error), expected.get("error_contains", ""), "error")


def _check_invocations(expected: Row, seen: list[Row]) -> None:
    where = f"invocations of {expected['sequence']}"
    if "count" in expected:
        check("equals", len(seen), expected["count"], where)
    if "payloads" in expected:
        check("equals", len(seen), len(expected["payloads"]), where)
        for found, payload in zip(seen, expected["payloads"], strict=True):
            check("equals", found["payload"], payload, where)
    if "soap_action" in expected:
        for found in seen:
            check("equals", found["soap_action"], expected["soap_action"], where)
    for wanted in expected.get("any_order", []):
        if not any(found.items() >= wanted.items() for found in seen):
            raise Mismatch(f"{where}: none with {wanted} among {seen}")


def _check_payload(expected: list[Row], message: Message) -> None:
    payload = _document(message) if expected else None
    for one in expected:
        nodes = [] if payload is None else payload.xpath(one["expr"])
        first = nodes[0] if isinstance(nodes, list) and nodes else None
        found = first.text or "" if isinstance(first, etree._Element) else first
        check(one["op"], found, one.get("arg"), one["expr"])


def _document(message: Message) -> etree._Element | None:
    """Return a copy of the payload as a document of its own."""
    element = message.body.xml()
    return None if element is None else standalone(element)
