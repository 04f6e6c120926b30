"""The snippets: fragments of definitions that must be read, or refused."""

from collections.abc import Iterator

from conformance.corpus import Corpus, Row
from conformance.definitions import anonymous, read, refused, sequence, undeclared
from conformance.trials import tried
from conformance.verdict import Mismatch, Verdict
from lxml import etree

from micro_integrator.kit import parse

ROWS = "cases/snippets.jsonl"


def snippet_verdicts(corpus: Corpus) -> Iterator[Verdict]:
    """Read every snippet."""
    yield from tried(corpus.rows(ROWS), "snippets", _try)


def _try(case: Row) -> None:
    loaded = read(_whole(case).encode())
    if loaded.errors and case["valid"]:
        raise refused(loaded)
    if not (loaded.errors or case["valid"]):
        raise Mismatch("a refusal was expected")


def _whole(case: Row) -> str:
    text = undeclared(case["xml"])
    root = parse(text)
    tag, name = etree.QName(root).localname, root.get("name")
    if tag == "endpoint" and name is None:
        return anonymous(text)
    if case["kind"] == "mediator" or (tag == "sequence" and name is None):
        return sequence([text], "snippet")
    return text
