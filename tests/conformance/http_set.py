"""The HTTP cases, played by the corpus's own program against a node that is started for them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.corpus import Corpus, Row
from conformance.http_cases import ROWS, Group, HttpCases, backend_ports
from conformance.http_player import Played, play
from conformance.http_server import HOST, Server, are_free, serving
from conformance.verdict import Verdict

PATIENCE = {
    "--log-timeout": "6",
    "--deploy-timeout": "10",
    "--settle": "1",
    "--file-timeout": "6",
    "--no-response-timeout": "5",
}
"""Seconds the player waits for what may still come; its own limits are those of a slower server."""

_OFFSETS = range(20_000, 23_000, 100)
"""What may be added to the ports of back ends so that they are free; the system gives out ports above all of these."""


def http_verdicts(corpus: Corpus, folder: Path) -> Iterator[Verdict]:
    """Play every case that can be played; `folder` is empty and holds the homes of the nodes."""
    cases = HttpCases(corpus)
    yield from cases.settled
    if not corpus.player.is_file():
        reason = f"nothing to play it with: there is no {corpus.player}"
        yield from (Verdict(case["id"], "http", "skip", reason) for case in cases.playable)
        return
    for number, group in enumerate(cases.groups):
        rest, lives = group.cases, 0
        while rest:
            lives += 1
            home = folder / f"{number}-{lives}"
            played = _on_one_server(corpus, Group(group.settings, rest), home, cases.properties)
            yield from played
            tried = {one.id for one in played}
            rest = [case for case in rest if case["id"] not in tried]


def _on_one_server(corpus: Corpus, group: Group, home: Path, properties: dict[str, str]) -> list[Verdict]:
    """Play the cases until one of them hangs or ends the player; returns at least one verdict."""
    found: list[Verdict] = []
    chosen = _chosen(corpus, group, home.with_name(f"{home.name}-corpus"))
    try:
        with serving(home, group.settings, properties) as server:
            played = play([corpus.player, *_words(chosen, group, server)], group.cases, server.answers)
            found += _verdicts(played, group.cases, chosen / _REPORT)
    except (
        Exception
    ) as error:  # one server that does not come up, or does not go down, must not hide the others
        reason = f"the server, or the player: {type(error).__name__}: {error}"
        found = found or [Verdict(case["id"], "http", "fail", reason) for case in group.cases]
    return found


_REPORT = "report.jsonl"


def _chosen(corpus: Corpus, group: Group, folder: Path) -> Path:
    """Make a corpus that has these cases only."""
    (folder / "cases").mkdir(parents=True)
    for entry in corpus.root.resolve().iterdir():
        if entry.name not in {"cases", _REPORT}:
            (folder / entry.name).symlink_to(entry)
    (folder / ROWS).write_text("".join(json.dumps(case) + "\n" for case in group.cases), encoding="utf-8")
    return folder


def _words(corpus: Path, group: Group, server: Server) -> list[str]:
    ports = server.ports
    options = {
        "--corpus": corpus,
        "--report": corpus / _REPORT,
        "--carbonapps": server.carbonapps,
        "--log": server.log,
        "--work": server.work,
        "--base": f"http://{HOST}:{ports.http}",
        "--https": f"https://{HOST}:{ports.https}",
        "--management": f"https://{HOST}:{ports.management}",
        "--internal": f"http://{HOST}:{ports.internal}",
        "--port-offset": _free_offset({port for case in group.cases for port in backend_ports(case)}),
        "--allow": "file-properties",
        **PATIENCE,
    }
    return [str(word) for option in options.items() for word in option]


def _verdicts(played: Played, cases: Sequence[Row], report: Path) -> Iterator[Verdict]:
    """Return what the player reports, in whole when it came to its end; and what stopped it, when it did not."""
    if played.is_whole:
        rows = map(json.loads, report.read_text(encoding="utf-8").splitlines())
        told = {row["id"]: _verdict(row) for row in rows}
    else:
        told = {
            case: Verdict(case, "http", outcome, reason)
            for case, (outcome, reason) in played.outcomes.items()
        }
    is_last = played.is_whole or played.is_hopeless
    for name in (case["id"] for case in cases):
        if name in told:
            yield told[name]
        elif is_last or name == played.stopped_by:
            yield Verdict(name, "http", "fail", played.ending)


def _verdict(row: Row) -> Verdict:
    if "skipped" in row:
        return Verdict(row["id"], "http", "skip", row["skipped"])
    return Verdict(row["id"], "http", "pass" if row["passed"] else "fail", " | ".join(row["failures"]))


def _free_offset(ports: set[int]) -> int:
    found = next((offset for offset in _OFFSETS if are_free(port + offset for port in ports)), None)
    assert found is not None, f"no range of ports is free for back ends on {sorted(ports)}"
    return found
