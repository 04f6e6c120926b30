"""Mediators, payload templates and definitions of the conformance corpus, as far as their elements are supported."""

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from micro_integrator.kit import XmlError, parse
from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Artifact, Body, Engine, Entry, Message, Surroundings, load
from micro_integrator.synapse.formats import standalone
from micro_integrator.synapse.mediator import known_mediators
from micro_integrator.synapse.payload_template import PayloadTemplate
from micro_integrator.tasks import Task

CORPUS = Path(os.environ.get("MI_CONFORMANCE_DIR", Path(__file__).parents[3] / "shared" / "conformance"))
CASES = CORPUS / "synapse" / "cases"
SYNAPSE = "http://ws.apache.org/ns/synapse"
ARTIFACTS = {"sequence", "task", "localEntry"}

DELIBERATE = {
    "unit/PayloadRegexTemplateProcessor/testPrepareReplacementValueWithEscapeXmlChars[5]/1": (
        "text inside JSON quotes is always escaped; the reference leaves the quotes of an XPath result as they are, "
        "and the payload is then no JSON"
    ),
    "unit/PayloadRegexTemplateProcessor/testPrepareReplacementValueWithEscapeXmlChars[6]/1": (
        "<pfPadding> is a wrapper inside the reference's template processor that no message ever shows"
    ),
}
"""Cases that are answered differently, and why."""


def rows(name: str) -> list[dict[str, Any]]:
    path = CASES / name
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    )


def parameters(found: Iterator[dict[str, Any]]) -> list[Any]:
    cases = [pytest.param(case, id=case["id"]) for case in found]
    reason = f"no conformance corpus at {CASES}: set MI_CONFORMANCE_DIR to a folder that holds synapse/cases"
    return cases or [pytest.param({}, id="corpus", marks=pytest.mark.skip(reason=reason))]


def is_supported(*texts: str) -> bool:
    """Return whether every mediator in these elements is one of ours."""
    known = {
        *known_mediators(),
        "case",
        "default",
        "then",
        "else",
        "format",
        "args",
        "arg",
        "message",
        "description",
    }
    for text in texts:
        root = parse(text)
        for element in root.iter(f"{{{SYNAPSE}}}*"):
            name = etree.QName(element).localname
            if name not in known and element is not root:
                return False
        if etree.QName(root).localname not in {*known, *ARTIFACTS}:
            return False
    return True


def mediator_cases() -> Iterator[dict[str, Any]]:
    for case in rows("unit.jsonl"):
        others = [text for texts in case.get("context", {}).get("sequences", {}).values() for text in texts]
        if (
            case.get("mediators")
            and "freemarker" not in case["feature"]
            and is_supported(*case["mediators"], *others)
        ):
            yield case


def template_cases() -> Iterator[dict[str, Any]]:
    for case in rows("unit.jsonl"):
        asked = case.get("evaluate", {})
        if (
            asked.get("language") == "template"
            and asked.get("template") == "default"
            and case["id"] not in DELIBERATE
        ):
            yield case


def snippet_cases() -> Iterator[dict[str, Any]]:
    for case in rows("snippets.jsonl"):
        if case["kind"] in {"mediator", *ARTIFACTS} and is_supported(case["xml"]):
            yield case


@pytest.mark.parametrize("case", parameters(mediator_cases()))
async def test_mediators_do_to_a_message_what_the_corpus_says(case: dict[str, Any]) -> None:
    context = case.get("context", {})
    texts = [f'<sequence xmlns="{SYNAPSE}" name="tried">{"".join(case["mediators"])}</sequence>']
    for name, mediators in context.get("sequences", {}).items():
        texts.append(f'<sequence xmlns="{SYNAPSE}" name="{name}">{"".join(mediators)}</sequence>')
    for key, entry in context.get("local_entries", {}).items():
        content = entry["xml"] if "xml" in entry else f"<![CDATA[{entry['text']}]]>"
        texts.append(f'<localEntry xmlns="{SYNAPSE}" key="{key}">{content}</localEntry>')
    engine = engine_with(texts)
    message = engine.message(body_of(context))
    fill(message, context)
    with recorded_lines():
        outcome = await engine.inject(Entry("tried"), message)
    expected = case["expect"]
    if expected.get("error") or "error_contains" in expected:
        assert outcome.state == "faulted"
        assert expected.get("error_contains", "") in str(outcome.error)
        return
    assert outcome.error is None
    for check in expected.get("context", []):
        judge(check, message)


@pytest.mark.parametrize("case", parameters(template_cases()))
def test_a_payload_template_gives_what_the_corpus_says(case: dict[str, Any]) -> None:
    asked, context = case["evaluate"], case.get("context", {})
    message = Message(body_of(context))
    fill(message, context)
    template = PayloadTemplate(asked["expression"], asked["media_type"], (), asked.get("namespaces", {}))
    assert same(template.render(message), case["expect"]["string"])


@pytest.mark.parametrize("case", parameters(snippet_cases()))
def test_a_snippet_is_read_or_refused_as_the_corpus_says(case: dict[str, Any]) -> None:
    text = case["xml"]
    if case["kind"] == "mediator" or (
        case["kind"] == "sequence" and "key" in parse(text).attrib
    ):  # a reference to a sequence is a mediator too
        text = f'<sequence xmlns="{SYNAPSE}" name="tried">{text}</sequence>'
    loaded = load(text.encode(), Path("snippet.xml"))
    assert ([str(error) for error in loaded.errors] == []) is case["valid"]


@pytest.mark.parametrize("name", DELIBERATE)
def test_a_case_that_is_answered_differently_still_exists(name: str) -> None:
    known = {case["id"] for case in rows("unit.jsonl")}
    if not known:
        pytest.skip(f"no conformance corpus at {CASES}")
    assert name in known


class NoTasks:
    """Tasks are not run here."""

    def add(self, task: Task) -> None:
        raise AssertionError(task.name)

    def remove(self, name: str) -> None:
        raise AssertionError(name)


def engine_with(texts: list[str]) -> Engine:
    artifacts: list[Artifact] = []
    for text in texts:
        loaded = load(text.encode(), Path("case.xml"))
        assert [str(error) for error in loaded.errors] == []
        artifacts += loaded.artifacts
    engine = Engine(Surroundings(), tasks=NoTasks())
    engine.graph = engine.graph.changed(add=artifacts)
    return engine


def body_of(context: dict[str, Any]) -> Body:
    payload = context.get("payload")
    if not payload:
        return Body()
    media_type = "application/json" if payload["type"] == "json" else "application/xml"
    return Body.of_bytes(payload["text"].encode(), media_type)


def fill(message: Message, context: dict[str, Any]) -> None:
    for name, typed in context.get("properties", {}).items():
        message.properties.set(name, value_of(typed))
    for name, typed in context.get("axis2_properties", {}).items():
        message.properties.set(name, value_of(typed), "axis2")
    for name, typed in context.get("variables", {}).items():
        message.variables[name] = value_of(typed)
    for name, typed in context.get("transport_headers", {}).items():
        message.headers[name] = str(value_of(typed))
    message.to, message.soap_action = context.get("to"), context.get("soap_action")


def value_of(typed: dict[str, Any]) -> object:
    value = typed.get("value")
    if typed["type"] == "XML":
        return parse(str(value))
    return Decimal(str(value)) if typed["type"] == "DOUBLE" else value


def judge(check: dict[str, Any], message: Message) -> None:
    found, operation, expected = found_by(check, message), check["op"], check.get("arg")
    if check["target"] == "transport" and expected is not None:
        expected = str(expected)  # whatever was put into a header, it is text from then on
    if isinstance(expected, dict) and "$json" in expected:
        expected = expected["$json"]
    if operation == "absent":
        assert found is None
    elif operation == "present":
        assert found is not None
    else:
        assert operation == "equals"
        assert same(found, expected), f"{found!r} is not {expected!r}"


def found_by(check: dict[str, Any], message: Message) -> object:
    name = check.get("name", "")
    match check["target"]:
        case "property":
            return message.properties.get(name)
        case "axis2" | "transport" as scope:
            return message.properties.get(name, scope)
        case "variable":
            return message.variables.get(name)
        case "to":
            return message.to
        case "payload":
            return message.body.json_text() if message.body.is_json else message.body.xml()
        case "envelope":
            return message.body.envelope()
        case target:
            raise AssertionError(f"a check on {target} is not known")


def same(found: object, expected: object) -> bool:
    if isinstance(found, etree._Element):
        found = etree.tostring(standalone(found), encoding="unicode")
    if isinstance(found, str) and isinstance(expected, str):
        try:
            return canonical(found) == canonical(expected)
        except XmlError:
            return found == expected
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        return isinstance(found, int | float | Decimal) and Decimal(str(found)) == Decimal(str(expected))
    return found == expected


def canonical(text: str) -> bytes:
    return etree.tostring(parse(text, keep_blanks=False), method="c14n", with_comments=False)
