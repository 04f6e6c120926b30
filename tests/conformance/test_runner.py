"""The runner itself, on corpora of a few rows: what passes, what fails, what is skipped, and what the report says."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conformance.__main__ import main
from conformance.comparing import check
from conformance.corpus import Corpus
from conformance.http_cases import HttpCases
from conformance.sets import SETS
from conformance.verdict import Gap, Mismatch, SetName

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
        (artifact(f"<sequence {XMLNS}><log/></sequence>", name=None), "pass", ""),
        (
            artifact(f'<endpoint {XMLNS}><address uri="http://h/"/></endpoint>', kind="endpoint", name=None),
            "pass",
            "",
        ),
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
        (evaluated("1 + 1", syntax_error=False), "pass"),
        (evaluated("1 + 1", string="2", error=False), "pass"),
        (
            unit({"context": [{"target": "property", "name": "it", "op": "of this name", "arg": 1}]}, SET_IT),
            "skip",
        ),
        (unit({}, f'<?xml version="1.0"?>{SET_IT}'), "pass"),
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
        ("sequence", '<?xml version="1.0" encoding="UTF-8"?><sequence name="greet"/>', True, "pass"),
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
    assert {one.id: one.reason for one in found.settled} == {
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


def test_an_http_case_that_is_none_fails_and_one_without_its_files_is_set_aside(tmp_path: Path) -> None:
    cases = [
        {"id": "s/no steps"},
        http("s/no file", needs=needs("lost.xml")),
        http("s/no resource", registry=[{"path": "conf:/a", "file": "registry/lost"}]),
        http("s/plain"),
    ]
    found = HttpCases(corpus(tmp_path, {"cases/http.jsonl": cases}))
    assert [case["id"] for case in found.playable] == ["s/plain"]
    assert {one.id: (one.outcome, one.reason) for one in found.settled} == {
        "s/no steps": ("fail", "KeyError: 'steps'"),
        "s/no file": ("skip", "the corpus has no lost.xml: No such file or directory"),
        "s/no resource": ("skip", "the corpus has no registry/lost: No such file or directory"),
    }


@pytest.mark.parametrize("name", ["artifacts", "unit", "snippets", "http"])
def test_a_line_that_is_no_row_gets_a_line_of_its_own(tmp_path: Path, name: SetName) -> None:
    file = SETS[name]
    corpus(tmp_path / "c", {file: '{"id": 7}\n\nnot JSON\n["no object"]\n{"without": "id"}\n'})
    found = report(tmp_path / "c", name)
    assert found.keys() == {"7", f"{file}:3", f"{file}:4", f"{file}:5"}
    assert found[f"{file}:3"][0] == "fail"
    assert found[f"{file}:3"][1].startswith("no JSON: ")
    assert found[f"{file}:4"] == found[f"{file}:5"] == ("fail", "no object with an id")


def test_what_is_wrong_with_a_whole_set_is_told_for_each_of_its_cases(tmp_path: Path) -> None:
    files = {
        "cases/http.jsonl": [http("s/1"), http("s/2")],
        "server_settings.json": "{",
        "tools/run_cases.py": "",
    }
    corpus(tmp_path / "c", files)
    found = report(tmp_path / "c")
    assert found.keys() == {"s/1", "s/2"}
    assert all(outcome == "fail" for outcome, _ in found.values())
    assert all("'http' could not be tried to its end" in reason for _, reason in found.values())


def test_a_file_of_an_artifact_that_is_not_there_is_told(tmp_path: Path) -> None:
    corpus(tmp_path / "c", {"artifacts.jsonl": [artifact(GREETING)]})
    reason = "the corpus has no one.xml: No such file or directory"
    assert report(tmp_path / "c", "artifacts")["one"] == ("skip", reason)


def test_an_element_of_a_local_entry_stays_in_its_own_namespace(tmp_path: Path) -> None:
    context = {"local_entries": {"k": {"xml": '<?xml version="1.0"?><a/>'}, "t": {"text": "]]>&"}}}
    reads = [
        f"<property {XMLNS} name=\"it\" expression=\"concat(name(get-property('k')), get-property('t'))\"/>",
    ]
    case = unit(has("property", "it", "a]]>&"), *reads, context=context)
    corpus(tmp_path / "c", {"cases/unit.jsonl": [case]})
    assert report(tmp_path / "c", "unit")["one"] == ("pass", "")


@pytest.mark.parametrize(
    ("operation", "found", "expected"),
    [
        ("equals-ignore-case", "Text/XML", "text/xml"),
        ("within", "b", "abc"),
        ("starts-with", "abc", "ab"),
        ("ends-with", "abc", "bc"),
        ("matches", "ab1", "(?<letters>[a-z]+)1"),
        ("regex", "xab1", "[0-9]"),
        ("lt", 4, "4.5"),
        ("ge", "5", 5),
        ("empty", [], None),
        ("json-equals-unordered", '[{"a": [1, 2]}, 3.0]', [3, {"a": [2, 1]}]),
        ("xml-includes", "<r><b/><a x='1'> t </a></r>", "<r><a x='2'>t</a></r>"),
        ("equals", "{}", {"$json": "{}"}),
    ],
)
def test_a_comparison_of_the_corpus_holds_or_not(operation: str, found: object, expected: object) -> None:
    check(operation, found, expected, "here")
    with pytest.raises(Mismatch, match="here: "):
        check(f"not-{operation}", found, expected, "here")


def test_a_comparison_that_nobody_knows_is_a_gap() -> None:
    with pytest.raises(Gap, match="'sounds-like'"):
        check("sounds-like", "a", "b", "here")


def test_an_empty_corpus_gives_an_empty_report(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    assert report(tmp_path / "c") == {}


def test_a_folder_that_holds_a_corpus_as_synapse_is_taken_for_it(tmp_path: Path) -> None:
    corpus(tmp_path / "c", {"synapse/cases/unit.jsonl": [evaluated("1 + 1", string="2")]})
    assert report(tmp_path / "c", "unit")["one"] == ("pass", "")


def test_the_folder_of_the_report_is_made(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    assert main([str(tmp_path / "c"), str(tmp_path / "new" / "folder" / "report")]) == 0
    assert (tmp_path / "new" / "folder" / "report").read_text() == ""


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c").mkdir()
    assert main([str(tmp_path / "c"), str(tmp_path)]) == 2
    assert "the report cannot be written" in capsys.readouterr().err


def test_a_set_that_does_not_exist_is_told_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c").mkdir()
    assert main([str(tmp_path / "c"), str(tmp_path / "report"), "unit", "cluster"]) == 2
    assert "no set 'cluster'" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_a_corpus_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none"), str(tmp_path / "report")]) == 2
    assert "CORPUS REPORT" in capsys.readouterr().err
