"""Which HTTP cases can be played so far, and on what settings of the server."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from conformance.corpus import BROKEN, Corpus, Row
from conformance.definitions import FILE, gaps
from conformance.verdict import Gap, Verdict

from micro_integrator.synapse import load

ROWS = "cases/http.jsonl"
CAPABILITIES = frozenset({"management-api", "file-properties"})
"""What this server has of the optional capabilities."""


class HttpCases:
    """The cases of a corpus, those that cannot be played yet set aside."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._missing: dict[str, list[str]] = {}
        self.playable: list[Row] = []
        self.settled: list[Verdict] = []
        """What need not be played to be known."""
        for case in corpus.rows(ROWS):
            try:
                self._check(case)
            except Gap as gap:
                self.settled.append(Verdict(case["id"], "http", "skip", str(gap)))
            except Exception as error:  # one broken case must not hide the others
                reason = case.get(BROKEN) or f"{type(error).__name__}: {error}"
                self.settled.append(Verdict(case["id"], "http", "fail", reason))
            else:
                self.playable.append(case)

    @cached_property
    def groups(self) -> "list[Group]":
        """Cases with the same settings; most share one server."""
        found: dict[str, Group] = {}
        for case in self.playable:
            own = self._own_settings(_suite(case))
            found.setdefault(repr(own), Group({**self._common, **own}, [])).cases.append(case)
        return list(found.values())

    @cached_property
    def properties(self) -> dict[str, str]:
        """What file.properties has to hold for them."""
        merged: dict[str, str] = {}
        for told in self._told.values():
            merged.update(told.get("file.properties", {}))
        for case in self.playable:
            merged.update(case.get("file_properties", {}))
        return merged

    @cached_property
    def _told(self) -> dict[str, Row]:
        suites = {_suite(case) for case in self.playable}
        return {suite: told for suite, told in self._corpus.settings.items() if suite in suites}

    @cached_property
    def _common(self) -> Row:
        """The settings about which no two suites differ."""
        every: dict[str, list[object]] = {}
        for told in self._told.values():
            for key, value in told.get("deployment.toml", {}).items():
                every.setdefault(key, []).append(value)
        return {key: values[0] for key, values in every.items() if all(one == values[0] for one in values)}

    def _own_settings(self, suite: str) -> Row:
        told = self._told.get(suite, {}).get("deployment.toml", {})
        # what is switched off by a suite is off for those that say nothing, too: all of these are off by default
        return {key: value for key, value in told.items() if key not in self._common and value is not False}

    def _check(self, case: Row) -> None:
        """Raise Gap when something that the case needs is not there, any other error when it is no case."""
        if lacking := [one for one in case.get("requires", []) if one not in CAPABILITIES]:
            raise Gap(f"requires {', '.join(lacking)}")
        for file in _named_files(case):
            self._corpus.content(file)
        missing = {found for need in case.get("needs", []) for found in self._missing_in(need["file"])}
        backend_ports(case)
        for text in _deployed_on_the_way(case):
            missing.update(gaps(load(text.encode(), FILE).errors))
        if missing:
            raise Gap("; ".join(sorted(missing)))

    def _missing_in(self, file: str) -> Iterable[str]:
        if file not in self._missing:
            self._missing[file] = gaps(load(self._corpus.content(file), FILE).errors)
        return self._missing[file]


@dataclass(frozen=True)
class Group:
    """Cases that one server can serve."""

    settings: Row
    """Keys of deployment.toml by their dotted names."""
    cases: list[Row]


def _suite(case: Row) -> str:
    suite: str = case["id"].partition("/")[0]
    return suite


def backend_ports(case: Row) -> set[int]:
    """Return the ports on which a case starts back ends."""
    ports = {backend["port"] for backend in case.get("backends", [])}
    actions = [action for step in case["steps"] for action in step.get("before", [])]
    return ports | {
        action[key] for action in actions for key in ("axis2_start", "capture_start") if key in action
    }


def _named_files(case: Row) -> Iterator[str]:
    for named in (*case.get("needs", []), *case.get("registry", [])):
        yield named["file"]
    yield from case.get("files", {}).values()


def _deployed_on_the_way(case: Row) -> Iterator[str]:
    for step in case["steps"]:
        for action in step.get("before", []):
            if "deploy" in action:
                yield action["deploy"]["xml"]
