"""Every `evaluate` case of the conformance corpus, on a real message."""

import json
import math
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from micro_integrator.kit import parse
from micro_integrator.synapse.expressions import (
    EvaluationTarget,
    Expression,
    ExpressionError,
    Template,
    compile_expression,
)
from micro_integrator.synapse.message.body import Body
from micro_integrator.synapse.message.message import Message

CORPUS = Path(os.environ.get("MI_CONFORMANCE_DIR", Path(__file__).parents[3] / "shared" / "conformance"))
CASES = CORPUS / "synapse" / "cases" / "unit.jsonl"

FORMS = {
    "synapse-expression": "${{{}}}",
    "xpath": "{}",
    "xpath-clark": "{}",
    "jsonpath": "json-eval({})",
}
"""How an expression of each language stands in an attribute; payloadFactory templates are tested with that mediator."""


def cases() -> list[Any]:
    if not CASES.is_file():
        reason = (
            f"no conformance corpus at {CASES}: set MI_CONFORMANCE_DIR to a folder that holds synapse/cases"
        )
        return [pytest.param({}, id="corpus", marks=pytest.mark.skip(reason=reason))]
    rows = (json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines())
    return [
        pytest.param(row, id=row["id"])
        for row in rows
        if row.get("evaluate", {}).get("language") in {*FORMS, "inline-template"}
    ]


@pytest.mark.parametrize("case", cases())
def test_an_expression_gives_what_the_corpus_says(case: dict[str, Any]) -> None:
    asked, expected = case["evaluate"], case["expect"]
    try:
        found = compiled(asked)
    except ExpressionError:
        assert expected.get("syntax_error") or expected.get("error")
        return
    assert not expected.get("syntax_error")
    if "content_aware" in expected:
        assert found.reads_body is expected["content_aware"]
        return
    judge(found, message_of(case), expected)


def compiled(asked: dict[str, Any]) -> Expression | Template:
    namespaces = asked.get("namespaces", {})
    if asked["language"] == "inline-template":
        return Template(asked["expression"], namespaces)
    return compile_expression(FORMS[asked["language"]].format(asked["expression"]), namespaces)


def judge(found: Expression | Template, message: EvaluationTarget, expected: dict[str, Any]) -> None:
    if isinstance(found, Template):
        assert found.render(message) == expected["string"]
    elif "string" in expected:
        assert same_text(found.text(message) or "", expected["string"])
    elif "number" in expected:
        assert math.isclose(float(found.text(message) or "nan"), expected["number"])
    elif "boolean" in expected:
        assert found.is_true(message) is expected["boolean"]
    elif "node_count" in expected:
        nodes = found.value(message)
        assert isinstance(nodes, list)
        assert len(nodes) == expected["node_count"]
    else:
        assert expected == {"error": True}
        assert not found.text(message)


def same_text(text: str, expected: str) -> bool:
    if text.startswith("<") and expected.startswith("<"):
        return etree.tostring(parse(text), method="c14n") == etree.tostring(parse(expected), method="c14n")
    return text == expected


def message_of(case: dict[str, Any]) -> Message:
    context = case.get("context", {})
    payload = context.get("payload")
    body = Body()
    if payload:
        media_type = "application/json" if payload["type"] == "json" else "application/xml"
        body = Body.of_bytes(payload["text"].encode(), media_type)
    message = Message(body)
    for name, typed in context.get("properties", {}).items():
        message.properties.set(name, value_of(typed))
    for name, typed in context.get("axis2_properties", {}).items():
        message.properties.set(name, value_of(typed), "axis2")
    for name, typed in context.get("transport_headers", {}).items():
        message.headers[name] = str(value_of(typed))
    for name, typed in context.get("variables", {}).items():
        message.variables[name] = value_of(typed)
    for block in context.get("soap_headers", []):
        message.body.add_header_block(parse(block))
    for mediator in map(parse, case.get("mediators", [])):
        message.properties.set(str(mediator.get("name")), mediator.get("value"))
    return message


def value_of(typed: dict[str, Any]) -> object:
    value: Any = typed.get("value")
    match typed["type"]:
        case "MAP":
            return {name: value_of(inner) for name, inner in value.items()}
        case "XML":
            return parse(value)
        case "DOUBLE":
            return float(value)
        case "JSON":
            return json.loads(json.dumps(value), parse_float=Decimal)
        case _:
            return value
