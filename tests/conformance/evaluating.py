"""Unit cases that evaluate an expression or fill a template."""

import math
from typing import Any, Literal, cast

from conformance.comparing import same
from conformance.corpus import Row
from conformance.mediating import mediated
from conformance.verdict import Gap, Mismatch

from micro_integrator.synapse import MediationError, Message
from micro_integrator.synapse.expressions import Expression, ExpressionError, Template, compile_expression
from micro_integrator.synapse.payload_template import PayloadTemplate

_FORMS = {
    "synapse-expression": "${{{}}}",
    "xpath": "{}",
    "xpath-clark": "{}",
    "jsonpath": "json-eval({})",
}
"""How an expression of each language stands in an attribute."""

_JUDGED = {
    "string", "number", "boolean", "null", "node_count", "content_aware", "syntax_error", "error",
}  # fmt: skip

Rendering = Template | PayloadTemplate


async def evaluate(case: Row) -> None:
    """Evaluate what a case asks for. Raises Mismatch, and Gap for what cannot be tried."""
    expected: Row = case["expect"]
    if unknown := expected.keys() - _JUDGED:
        raise Gap(f"the runner does not judge '{', '.join(sorted(unknown))}'")
    try:
        found = _compiled(case["evaluate"])
    except ExpressionError as error:
        if "not supported" in str(error):
            raise Gap(str(error)) from error
        if expected.get("syntax_error") or expected.get("error"):
            return
        raise Mismatch(f"refused: {error}") from error
    if expected.get("syntax_error"):
        raise Mismatch("an error of syntax was expected")
    if "content_aware" in expected:
        _check_awareness(found, expected["content_aware"])
        return
    message, _ = await mediated(case)
    if isinstance(found, Expression):
        _check_value(found, message, expected)
    else:
        text = found.render(message)[0] if isinstance(found, PayloadTemplate) else found.render(message)
        if not same(text, expected.get("string")):
            raise Mismatch(f"{text!r} instead of {expected!r}")


def _compiled(asked: Row) -> Expression | Rendering:
    language, text, namespaces = asked["language"], asked["expression"], asked.get("namespaces", {})
    if language == "inline-template":
        return Template(text, namespaces)
    if language == "template":
        if asked.get("template", "default") != "default":
            raise Gap(f"{asked['template']} templates are not supported")
        media_type = cast(Literal["xml", "json", "text"], asked.get("media_type", "xml"))
        return PayloadTemplate(text, media_type, (), namespaces)
    if language not in _FORMS:
        raise Gap(f"the language {language} is not supported")
    return compile_expression(_FORMS[language].format(text), namespaces)


def _check_awareness(found: Expression | Rendering, expected: bool) -> None:
    if found.reads_body is not expected:
        raise Mismatch(f"reads the body: {found.reads_body}")


def _check_value(found: Expression, message: Message, expected: Row) -> None:
    if expected.get("error"):
        _check_failure(found, message)
    elif not _is_as_expected(found, message, expected):
        raise Mismatch(f"{found.value(message)!r} (as text {found.text(message)!r}) instead of {expected}")


def _check_failure(found: Expression, message: Message) -> None:
    try:
        text = found.text(message)
    except MediationError:
        return
    if text:  # a failed evaluation gives no text
        raise Mismatch(f"{text!r} instead of an error")


def _is_as_expected(found: Expression, message: Message, expected: Row) -> bool:
    wanted = ((kind, value) for kind, value in expected.items() if kind not in {"syntax_error", "error"})
    return all(_is(kind, value, found, message) for kind, value in wanted)


def _is(kind: str, value: Any, found: Expression, message: Message) -> bool:
    match kind:
        case "string":
            return same(found.text(message) or "", value)
        case "number":
            return math.isclose(float(found.text(message) or "nan"), value)
        case "boolean":
            return found.is_true(message) is value
        case "null":
            return found.value(message) is None
        case _:
            nodes = found.value(message)
            return bool((len(nodes) if isinstance(nodes, list) else nodes is not None) == value)
