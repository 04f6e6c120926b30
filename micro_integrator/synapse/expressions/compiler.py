"""From text to a compiled expression: which language it is, and one shared object for equal texts.

    json-eval(PATH)   JSON path        ${E}   Synapse expression        anything else   XPath 1.0

In attributes that take a value or an expression, the expression stands in braces: {X}, or {{X}} to be
evaluated later, inside the template it is passed to.
"""

from collections.abc import Callable, Mapping
from weakref import WeakValueDictionary

from micro_integrator.synapse.expressions.deferred import Deferred
from micro_integrator.synapse.expressions.errors import ExpressionError
from micro_integrator.synapse.expressions.expression import Expression, Static
from micro_integrator.synapse.expressions.inline import Inline
from micro_integrator.synapse.expressions.jsonpath import JsonPath
from micro_integrator.synapse.expressions.xpath import XPathExpression

Key = tuple[str, str, tuple[tuple[str, str], ...]]

_JSON_EVAL = "json-eval("
_known: WeakValueDictionary[Key, Expression] = WeakValueDictionary()


def compile_expression(text: str, namespaces: Mapping[str, str]) -> Expression:
    """Compile the text of an expression attribute. `namespaces` maps the prefixes in scope there.

    Raises ExpressionError with the column of the mistake.
    """
    if text.startswith(_JSON_EVAL):
        path, bracket, rest = text[len(_JSON_EVAL) :].rpartition(")")
        if not bracket or rest.strip():
            raise ExpressionError("expected ')' at the end", text, len(text) + 1)
        return _shared("json", path, namespaces, lambda declared: _json_path(path, declared))
    if text.startswith("${"):
        if not text.endswith("}"):
            raise ExpressionError("expected '}' at the end", text, len(text) + 1)
        inner = text[2:-1]
        return _shared("inline", inner, namespaces, lambda declared: Inline(inner, declared))
    return _shared("xpath", text, namespaces, lambda declared: XPathExpression(text, declared))


def compile_dynamic(text: str, namespaces: Mapping[str, str]) -> Expression:
    """Compile a value-or-dynamic attribute: static text, `{expression}` or `{{deferred expression}}`.

    Raises ExpressionError.
    """
    if text.startswith("{{") and text.endswith("}}") and len(text) > 4:
        inner = compile_expression(text[2:-2].strip(), namespaces)
        return _shared("deferred", text, namespaces, lambda declared: Deferred(text, inner, declared))
    if text.startswith("{") and text.endswith("}") and len(text) > 2:
        return compile_expression(text[1:-1].strip(), namespaces)
    return Static(text)


def _json_path(path: str, namespaces: Mapping[str, str]) -> JsonPath:
    return JsonPath(path, lambda embedded: compile_expression(embedded, namespaces))


def _shared(
    language: str, text: str, namespaces: Mapping[str, str], build: Callable[[Mapping[str, str]], Expression]
) -> Expression:
    # a default namespace has no prefix that an expression could use
    declared = {prefix: uri for prefix, uri in namespaces.items() if prefix}
    key = (language, text, tuple(sorted(declared.items())))
    expression = _known.get(key)
    if expression is None:
        try:
            expression = build(declared)
        except RecursionError as error:
            raise ExpressionError("nested too deeply", text, 1) from error
        _known[key] = expression
    return expression
