"""The runner itself, on corpora of a few rows: what passes, what fails, what is skipped, and what the report says."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conformance.__main__ import main
from conformance.corpus import Corpus
from conformance.http_cases import HttpCases

XMLNS = 'xmlns="http://ws.apache.org/ns/synapse"'
GREETING = f'<sequence {XMLNS} name="greet"><log level="full"/></sequence>'
MISSPELT = f'<sequence {XMLNS} name="greet"><lag level="full"/></sequence>'
SCRIPT = f'<script {XMLNS} language="js">1</script>'
UNBUILT = f'<sequence {XMLNS} name="greet">{SCRIPT}</sequence>'
API = f'<api {XMLNS} name="A" context="/a"><resource><inSequence><respond/></inSequence></resource></api>'
SET_IT = f'<property {XMLNS} name="it" value="here"/>'


def corpus(folder: Path, files: Mapping[str, object]) -> Corpus:
    """Write files: a text as it is, a list as rows of JSON, anything else as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            content = "".join(f"{json.dumps(row)}\n" for row in content)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return Corpus(folder)


def report(folder: Path, *sets: str) -> dict[str, tuple[str, str]]:
    """Try the corpus in `folder`; returns outcome and reason by case."""
    lines = folder.parent / "report.jsonl"
    assert main([str(folder), str(lines), *sets]) == 0
    rows = map(json.loads, lines.read_text().splitlines())
    return {row["id"]: (row["outcome"], row["reason"]) for row in rows}


def artifact(text: str, **columns: object) -> dict[str, Any]:
    return {"id": "one", "kind": "sequence", "name": "greet", "file": "one.xml", "text": text, **columns}


@pytest.mark.parametrize(
    ("row", "outcome", "reason"),
    [
        (artifact(GREETING), "pass", ""),
        (artifact(MISSPELT), "fail", "unknown mediator <lag>"),
        (artifact(MISSPELT, expect="rejected"), "pass", ""),
        (artifact(GREETING, expect="rejected"), "fail", "a refusal was expected"),
        (artifact(UNBUILT), "skip", "<script> is not supported yet"),
        (artifact(MISSPELT, requires=["jms"]), "skip", "needs jms"),
        (artifact(GREETING, name="other"), "fail", "read as sequence 'greet'"),
        (artifact(GREETING, kind="api"), "fail", "read as sequence"),
        (artifact("<sequence"), "fail", "refused"),
    ],
)
def test_an_artifact_is_judged(tmp_path: Path, row: dict[str, Any], outcome: str, reason: str) -> None:
    corpus(tmp_path / "c", {"artifacts.jsonl": [row], "one.xml": row["text"]})
    found, why = report(tmp_path / "c", "artifacts")["one"]
    assert found == outcome
    assert reason in why


def unit(expect: dict[str, Any], *mediators: str, **parts: object) -> dict[str, Any]:
    return {"id": "one", "mediators": [*mediators], "expect": expect, **parts}


def has(target: str, name: str, value: object) -> dict[str, Any]:
    return {"context": [{"target": target, "name": name, "op": "equals", "arg": value}]}


def evaluated(expression: str, **expect: object) -> dict[str, Any]:
    return unit(expect, evaluate={"language": "synapse-expression", "expression": expression})


CALL = f'<sequence {XMLNS} key="called"/>'
CALLED = {"payload": {"type": "xml", "text": "<a/>"}, "sequences": {"called": [SET_IT]}}
DISPATCH = {
    "apis": [{"name": "A", "context": "/a", "resources": [{"uri_template": "/{id}", "in": [SET_IT]}]}],
    "method": "GET",
    "url": "/a/7",
}


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (unit(has("property", "it", "here"), SET_IT), "pass"),
        (unit(has("property", "it", "there"), SET_IT), "fail"),
        (unit({}, SCRIPT), "skip"),
        (unit({"never": "heard of"}, SET_IT), "skip"),
        (unit({"error_contains": "gone cannot be found"}, f'<sequence {XMLNS} key="gone"/>'), "pass"),
        (unit({"error": True}, SET_IT), "fail"),
        (unit({}, f'<sequence {XMLNS} key="gone"/>'), "fail"),
        (unit({"invocations": {"sequence": "called", "payloads": ["<a/>"]}}, CALL, context=CALLED), "pass"),
        (unit({"invocations": {"sequence": "called", "count": 2}}, CALL, context=CALLED), "fail"),
        (unit({"payload_xpath": [{"expr": "/a", "op": "present"}]}, CALL, context=CALLED), "pass"),
        (evaluated("1 + 1", string="2"), "pass"),
        (evaluated("1 + 1", string="3"), "fail"),
        (evaluated("1 +", syntax_error=True), "pass"),
        (evaluated("1 + 1", syntax_error=True), "fail"),
        (evaluated("payload.a", content_aware=True), "pass"),
        (evaluated("payload.a", content_aware=False), "fail"),
        (unit(has("property", "uri.var.id", "7"), dispatch=DISPATCH), "pass"),
        (unit(has("property", "uri.var.id", "8"), dispatch=DISPATCH), "fail"),
        (unit(has("property", "it", "here"), dispatch=DISPATCH), "pass"),
        ({"id": "one", "expect": {}}, "skip"),
    ],
)
def test_a_unit_case_is_judged(tmp_path: Path, case: dict[str, Any], outcome: str) -> None:
    corpus(tmp_path / "c", {"cases/unit.jsonl": [case]})
    assert report(tmp_path / "c", "unit")["one"][0] == outcome


@pytest.mark.parametrize(
    ("kind", "text", "is_valid", "outcome"),
    [
        ("mediator", SET_IT, True, "pass"),
        ("mediator", "<property/>", True, "fail"),
        ("mediator", f"<property {XMLNS}/>", False, "pass"),
        ("mediator", SET_IT, False, "fail"),
        ("sequence", f'<sequence {XMLNS} key="greet"/>', True, "pass"),
        ("endpoint", f'<endpoint {XMLNS}><address uri="http://h/"/></endpoint>', True, "pass"),
        ("api", API, True, "pass"),
        ("proxy", f'<proxy {XMLNS} name="p"/>', True, "skip"),
    ],
)
def test_a_snippet_is_judged(tmp_path: Path, kind: str, text: str, is_valid: bool, outcome: str) -> None:
    row = {"id": "one", "kind": kind, "xml": text, "valid": is_valid}
    corpus(tmp_path / "c", {"cases/snippets.jsonl": [row]})
    assert report(tmp_path / "c", "snippets")["one"][0] == outcome


def http(case: str, **parts: object) -> dict[str, Any]:
    return {"id": case, "steps": [], **parts}


def needs(*files: str) -> list[dict[str, str]]:
    return [{"kind": "api", "name": "A", "file": file} for file in files]


def deployed(xml: str) -> Iterable[dict[str, Any]]:
    return [{"before": [{"deploy": {"name": "A", "dir": "api", "xml": xml}}], "request": None, "expect": {}}]


def test_http_cases_that_need_something_unbuilt_are_set_aside(tmp_path: Path) -> None:
    cases = [
        http("s/plain", needs=needs("api.xml")),
        http("s/unbuilt", needs=needs("api.xml", "unbuilt.xml")),
        http("s/on the way", steps=deployed(UNBUILT)),
        http("s/capability", requires=["jms", "file-properties"]),
    ]
    files = {"cases/http.jsonl": cases, "api.xml": API, "unbuilt.xml": UNBUILT}
    found = HttpCases(corpus(tmp_path, files))
    assert [case["id"] for case in found.playable] == ["s/plain"]
    assert {one.id: one.reason for one in found.skipped} == {
        "s/unbuilt": "<script> is not supported yet",
        "s/on the way": "<script> is not supported yet",
        "s/capability": "requires jms",
    }


def test_http_cases_share_a_server_unless_their_suites_want_other_settings(tmp_path: Path) -> None:
    told = {
        "quiet": {},
        "off": {"deployment.toml": {"a.b": False, "a.c": 1}},
        "on": {"deployment.toml": {"a.b": True}, "file.properties": {"key": "value"}},
        "without cases": {"deployment.toml": {"a.b": 7}},
    }
    cases = [http("quiet/1"), http("off/1"), http("on/1"), http("on/2", file_properties={"other": "one"})]
    found = HttpCases(corpus(tmp_path, {"cases/http.jsonl": cases, "server_settings.json": told}))
    groups = {tuple(case["id"] for case in group.cases): group.settings for group in found.groups}
    assert groups == {("quiet/1", "off/1"): {"a.c": 1}, ("on/1", "on/2"): {"a.c": 1, "a.b": True}}
    assert found.properties == {"key": "value", "other": "one"}


def test_an_empty_corpus_gives_an_empty_report(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    assert report(tmp_path / "c") == {}


def test_a_corpus_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none"), str(tmp_path / "report")]) == 2
    assert "CORPUS REPORT" in capsys.readouterr().err
