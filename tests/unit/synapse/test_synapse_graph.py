"""The deployed set: changed as a whole, names that belong to one, references that lead somewhere; local entries."""

from pathlib import Path

import pytest
from lxml import etree
from unit.synapse.synapse_lab import SYNAPSE, artifacts_of, engine_with, loaded, sequence

from micro_integrator.registry import Registry
from micro_integrator.synapse import ENTRIES, DeploymentError, Graph, Surroundings, Terms
from micro_integrator.synapse.artifacts.local_entry import LocalEntry


def entry(content: str, attributes: str = 'key="k"') -> str:
    return f"<localEntry {SYNAPSE} {attributes}>{content}</localEntry>"


def test_a_change_makes_a_new_graph_and_leaves_the_old_one() -> None:
    old = Graph()
    [artifact] = artifacts_of(sequence("", "a"))
    new = old.changed(add=[artifact])
    assert old.branch("a") is None
    assert new.branch("a") is not None
    assert new.find("entry", "a") is artifact
    assert list(new) == [artifact]
    assert new.changed(remove=[artifact]).branch("a") is None


def test_sequences_and_entries_share_one_name_space_and_the_first_stays() -> None:
    first, second = artifacts_of(sequence("", "k"), entry("text"))
    graph = Graph().changed(add=[first])
    with pytest.raises(DeploymentError, match=r"s\.xml:1: localEntry 'k' is a duplicate of s\.xml:1"):
        graph.changed(add=[second])
    assert graph.find(ENTRIES, "k") is first


def test_one_change_can_replace_an_artifact() -> None:
    [old], [new] = artifacts_of(sequence("", "a")), artifacts_of(sequence("<drop/>", "a"))
    graph = Graph().changed(add=[old]).changed(add=[new], remove=[old])
    assert graph.find("entry", "a") is new


def test_references_that_lead_nowhere_are_listed_with_their_place() -> None:
    text = """<sequence key="here"/><sequence key="main"/>
    <sequence key="gone"/>
    <payloadFactory><format key="conf:f"/></payloadFactory>
    <payloadFactory><format key="f"/></payloadFactory>"""
    graph = Graph().changed(add=artifacts_of(sequence(text, "a"), sequence("", "here")))
    found = graph.unresolved(lambda key: key == "conf:f")
    assert [(reference.kind, reference.key, str(reference.source)) for reference in found] == [
        ("sequence", "gone", "s.xml:2"),
        ("entry", "f", "s.xml:4"),
    ]


def test_main_and_fault_are_there_before_anything_is_deployed() -> None:
    graph = Graph()
    assert graph.branch("main") is not None
    assert graph.branch("fault") is not None
    [mine] = artifacts_of(sequence("<drop/>", "main"))
    deployed = graph.changed(add=[mine])
    assert deployed.branch("main") is not graph.branch("main")
    assert deployed.changed(remove=[mine]).branch("main") is graph.branch("main")


def value_of(text: str, terms: Terms | None = None) -> object:
    [artifact] = loaded(text, terms).artifacts
    assert isinstance(artifact, LocalEntry)
    return artifact.value


def test_an_entry_is_a_text_or_an_element() -> None:
    assert value_of(entry("  some text\n")) == "some text"
    element = value_of(entry('<a xmlns="">1</a>'))
    assert isinstance(element, etree._Element)
    assert element.tag == "a"


def test_an_entry_can_come_from_a_file_below_the_registry(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.xml").write_text("<a/>")
    (tmp_path / "b.txt").write_text("text")
    terms = Terms(files=tmp_path)
    element = value_of(entry("", 'key="k" src="file:data/a.xml"'), terms)
    assert isinstance(element, etree._Element)
    assert value_of(entry("", 'key="k" src="file:b.txt"'), terms) == "text"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("http://x/y", "only files are read"),
        ("file:../secret", "leads out of"),
        ("file:/etc/passwd", "leads out of"),
        ("file:link", "leads out of"),
        ("file:none", "cannot be read: No such file or directory"),
    ],
)
def test_an_entry_from_elsewhere_is_refused(tmp_path: Path, source: str, expected: str) -> None:
    root = tmp_path / "registry"
    root.mkdir()
    (tmp_path / "secret").write_text("s")
    (root / "link").symlink_to(tmp_path / "secret")
    [error] = loaded(entry("", f'key="k" src="{source}"'), Terms(files=root)).errors
    assert expected in error.message


def test_an_entry_holds_one_thing() -> None:
    [error] = loaded(entry('text<a xmlns=""/>')).errors
    assert "an element and text" in error.message


def test_a_message_finds_entries_first_and_resources_second(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "r.xml").write_text("<r/>")
    (tmp_path / "governance").mkdir()
    (tmp_path / "governance" / "k").write_text("resource")
    engine = engine_with(entry("local"), surroundings=Surroundings(registry=Registry(tmp_path)))
    message = engine.message()
    assert message.entry("k") == "local"
    resource = message.entry("conf:r.xml")
    assert isinstance(resource, etree._Element)
    assert message.entry("conf:none") is None


def test_a_message_keeps_the_entry_it_found_first() -> None:
    engine = engine_with(entry("old"))
    message = engine.message()
    assert message.entry("k") == "old"
    engine.graph = Graph()
    message.entries = engine.graph
    assert message.entry("k") == "old"
    assert engine.message().entry("k") is None
