"""`json-eval(PATH)`: a JSON path on the body or on a property.

$.order.items[0].price      on the body; an XML body is converted first
$ctx:name.path              on the text of a property: $ctx default, $axis2, or $trp for a header
$.{$ctx:field}.id           {…} without blanks, quotes or commas is an expression whose text becomes path
"""

import re
from collections.abc import Callable
from functools import lru_cache

from micro_integrator.observability import get_logger
from micro_integrator.synapse.expressions.errors import EvaluationError, ExpressionError
from micro_integrator.synapse.expressions.expression import Expression
from micro_integrator.synapse.expressions.path_parser import parse_path
from micro_integrator.synapse.expressions.path_steps import Path
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.values import parse_json, text_of

log = get_logger("SynapseJsonPath")

_SOURCE = re.compile(r"\$(ctx|trp|axis2):([A-Za-z0-9_-]+)")
# a digit would be the count in a regular expression: /a{2}/
_EMBEDDED = re.compile(r"\{(?!\d)[^\s'\"<>,\]{}]+\}")
_NOTHING = object()

Compile = Callable[[str], Expression]


class JsonPath(Expression):
    """A compiled `json-eval(…)`.

    Its text is the JSON text of objects and arrays, the bare text of scalars, `null` for a JSON null,
    and empty when the path leads nowhere.
    """

    def __init__(self, source: str, compile_embedded: Compile) -> None:
        """Compile the path between the brackets of `json-eval()`. Raises ExpressionError."""
        super().__init__(source)
        self._read_source, path = _split(source)
        self._embedded = [compile_embedded(found[1:-1]) for found in _EMBEDDED.findall(path)]
        self._literals = _EMBEDDED.split(path)
        self.reads_body = self._read_source is None or any(inner.reads_body for inner in self._embedded)
        self._path = _parse(path, self._read_source is not None) if not self._embedded else None

    def value(self, message: EvaluationTarget) -> object:
        """The JSON value at the path, the list of matches of an indefinite one, or None."""
        found = self._find(message)
        return None if found is _NOTHING else found

    def text(self, message: EvaluationTarget) -> str:
        """The value as text."""
        found = self._find(message, whole_text=True)
        if found is _NOTHING:
            return ""
        return "null" if found is None else text_of(found)

    def is_true(self, message: EvaluationTarget) -> bool:
        """Whether the text says `true`."""
        return self.text(message).lower() == "true"

    def _find(self, message: EvaluationTarget, *, whole_text: bool = False) -> object:
        try:
            path = self._path or self._filled(message)
            if self._read_source is not None:
                return _read_property(self._read_source(message), path, message)
            body = message.body
            if body.is_empty:
                log.warning("Json Payload is empty.")
                return _NOTHING
            if whole_text and not path.steps and body.is_json:
                return body.json_text()
            return path.read(body.json(), message)
        except EvaluationError as error:
            log.debug("No result for the JSON path {path}: {error}", path=self.source, error=error)
            return _NOTHING

    def _filled(self, message: EvaluationTarget) -> Path:
        texts = [embedded.text(message) or "" for embedded in self._embedded]
        if "" in texts:  # nothing between two dots would be a search at all depths
            raise EvaluationError("an embedded expression has no value")
        woven = "".join(a + b for a, b in zip(self._literals, [*texts, ""], strict=True))
        try:
            return _parse(woven, self._read_source is not None)
        except (ExpressionError, RecursionError) as error:
            raise EvaluationError(str(error)) from error


@lru_cache(maxsize=256)
def _parse(text: str, follows_source: bool) -> Path:
    return parse_path(f"${text}" if follows_source else text)


def _split(source: str) -> tuple[Callable[[EvaluationTarget], object] | None, str]:
    found = _SOURCE.match(source)
    if not found:
        return None, source
    kind, name = found.groups()
    rest = source[found.end() :]
    if kind == "trp":
        return lambda message: message.headers.get(name), rest
    scope = "default" if kind == "ctx" else kind
    return lambda message: message.properties.get(name, scope), rest


def _read_property(value: object, path: Path, message: EvaluationTarget) -> object:
    if value is None:
        return _NOTHING
    if not path.steps:
        return value
    return path.read(parse_json(value) if isinstance(value, str) else value, message)
