"""XmlReader: the one way from an element of a definition to values.

Whoever reads an element asks for its attributes and children by name. What nobody asked for is found at the end:
an unknown element or stray text is an error, an unknown attribute a notice (an error when reading strictly).
Problems are noted with file and line and reading goes on, so that one look at a file finds all of them.
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import TypeVar, overload

from lxml import etree

from micro_integrator.kit import MicroIntegratorError, did_you_mean
from micro_integrator.synapse import kinds
from micro_integrator.synapse.errors import DeploymentError
from micro_integrator.synapse.expressions import (
    Expression,
    ExpressionError,
    compile_dynamic,
    compile_expression,
)
from micro_integrator.synapse.expressions.java_regex import java_regex
from micro_integrator.synapse.formats import standalone
from micro_integrator.synapse.reading import Findings, Notice, Reference, Source, Terms, line_of

NAMESPACE = "http://ws.apache.org/ns/synapse"

ALWAYS_ALLOWED = frozenset({"description", "statistics", "trace", "traceFilter"})
"""Attributes of every element; they change nothing here."""

_UNREADABLE = compile_expression("''", {})
"""Stands in for an expression with an error, so that reading can go on; its artifact is never used."""
_NEVER = re.compile(r"(?!)")

T = TypeVar("T")


class XmlReader:
    """One element being read, with the place it has in its artifact (`position`)."""

    def __init__(
        self, element: etree._Element, source: Source, terms: Terms, findings: Findings, position: str = ""
    ) -> None:
        self.element, self.source, self.terms, self.findings = element, source, terms, findings
        self.position = position
        self.tag = etree.QName(element).localname
        self.asked_attributes: set[str] = set()
        self.asked_elements: set[str] = {"description"}
        self._unread = [
            child for child in element.iterchildren(etree.Element) if not _is(child, "description")
        ]
        self._parts: list[XmlReader] = []
        self._takes_text = self._holds_mediators = False

    # ---- attributes ----------------------------------------------------------------------------------------------

    @overload
    def attribute(self, name: str) -> str | None: ...
    @overload
    def attribute(self, name: str, kind: Callable[[str], T]) -> T | None: ...
    @overload
    def attribute(self, name: str, kind: Callable[[str], T], default: T) -> T: ...

    def attribute(
        self, name: str, kind: Callable[[str], object] = kinds.text, default: object = None
    ) -> object:
        """Return the attribute as `kind` takes it, `default` when it is absent or has an error."""
        self.asked_attributes.add(name)
        value = self.element.get(name)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError as error:
            self.report(f"<{self.tag}> {name}='{value}': expected {error}")
            return default

    def required(self, name: str) -> str:
        """Return the attribute `name`; absent or empty is an error."""
        value = self.attribute(name)
        if value is None or not value.strip():
            self.report(self._missing(name))
            return ""
        return value

    def has(self, name: str) -> bool:
        """Return whether the attribute is given at all."""
        return name in self.element.attrib

    def resolved(self, name: str) -> str | None:
        """Return the attribute with its placeholders replaced, None when it is absent."""
        value = self.attribute(name)
        return None if value is None else self.resolve(value)

    def resolve(self, value: str) -> str:
        """Return `value` with its placeholders replaced; what cannot be found is an error."""
        try:
            return self.terms.resolve(value)
        except MicroIntegratorError as error:
            self.report(f"<{self.tag}> '{value}': {error}")
            return value

    def expression(self, name: str) -> Expression:
        """Return the required attribute as an expression."""
        found = self.optional_expression(name)
        if found is None:
            self.report(self._missing(name))
            return _UNREADABLE
        return found

    def optional_expression(self, name: str) -> Expression | None:
        """Return the attribute as an expression, None when it is absent."""
        value = self.attribute(name)
        return None if value is None else self._compiled(value, f" {name}='{value}'", compile_expression)

    def dynamic(self, name: str) -> Expression | None:
        """Return the attribute as static text or, in braces, an expression; None when it is absent."""
        value = self.attribute(name)
        return None if value is None else self._compiled(value, f" {name}='{value}'", compile_dynamic)

    def required_dynamic(self, name: str) -> Expression:
        """Return the required attribute as static text or, in braces, an expression."""
        value = self.required(name)
        return self._compiled(value, f" {name}='{value}'", compile_dynamic) if value else _UNREADABLE

    def compiled(self, text: str) -> Expression:
        """Return `text` as an expression in the namespaces of this element."""
        return self._compiled(text, f" '{text}'", compile_expression)

    def pattern(self, name: str) -> re.Pattern[str]:
        """Return the required attribute as a regular expression, which is one of Java's."""
        value = self.attribute(name)
        if value is None:
            self.report(self._missing(name))
            return _NEVER
        try:
            return java_regex(value)
        except (re.error, OverflowError, RecursionError) as error:
            self.report(f"<{self.tag}> {name}='{value}' is not a regular expression: {error}")
            return _NEVER

    @property
    def namespaces(self) -> dict[str, str]:
        """Prefix → namespace, as they are in scope here."""
        return {prefix: uri for prefix, uri in self.element.nsmap.items() if prefix}

    # ---- content -------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """Return the text directly inside the element, CDATA included."""
        self._takes_text = True
        return (self.element.text or "") + "".join(child.tail or "" for child in self.element)

    def content(self) -> etree._Element | None:
        """Return a copy of the first child element: a payload or a value, not to be read as a definition."""
        content, self._unread = self._unread[:1], self._unread[1:]
        return standalone(content[0]) if content else None

    def children(self, tag: str, *, also: str | None = None) -> Iterator["XmlReader"]:
        """Yield a reader for each child element called `tag`, in our namespace or in `also`."""
        self.asked_elements.add(tag)
        names = {f"{{{NAMESPACE}}}{tag}", tag, f"{{{also}}}{tag}"}
        found = [child for child in self._unread if child.tag in names]
        self._unread = [child for child in self._unread if child.tag not in names]
        for number, child in enumerate(found, 1):
            yield self._part(child, f"/{tag}[{number}]" if len(found) > 1 else f"/{tag}")

    def first(self, tag: str, read: Callable[["XmlReader"], T]) -> T | None:
        """Return what `read` makes of the first child called `tag`, None when there is none."""
        found = list(self.children(tag))
        for again in found[1:]:
            again.note(f"<{tag}> is given twice in <{self.tag}>; the first one counts")
            again.ignore()
        return read(found[0]) if found else None

    def others(self) -> Iterator["XmlReader"]:
        """Yield a reader for each child element that nobody asked for by name: the mediators of a list."""
        self._holds_mediators = True
        rest, self._unread = self._unread, []
        for number, child in enumerate(rest, 1):
            yield self._part(child, f"/{number}")

    def ignore(self) -> None:
        """Ask for nothing more: whatever is left in the element is not looked at."""
        self.asked_attributes.update(map(str, self.element.attrib))
        self._unread, self._takes_text = [], True

    def _part(self, child: etree._Element, step: str) -> "XmlReader":
        source = Source(self.source.path, line_of(child) or self.source.line)
        part = XmlReader(child, source, self.terms, self.findings, self.position + step)
        self._parts.append(part)
        return part

    # ---- what is noted -------------------------------------------------------------------------------------------

    def error(self, message: str) -> DeploymentError:
        """Return an error at this element, to be raised."""
        return DeploymentError(message, self.source.path, self.source.line)

    def report(self, message: str) -> None:
        """Note an error at this element and go on."""
        self.findings.errors.append(self.error(message))

    def note(self, message: str) -> None:
        """Note something that works but was probably not meant like that."""
        self.findings.notices.append(Notice(message, self.source))

    def refer(self, kind: str, key: str) -> None:
        """Note that another artifact is named here."""
        self.findings.references.append(Reference(kind, key, self.source))

    def finish(self) -> None:
        """Note everything that nobody asked for, in this element and in those read below it."""
        for child in self._unread:
            known = did_you_mean(etree.QName(child).localname, self.asked_elements)
            line = line_of(child) or self.source.line
            message = f"unknown element {_shown(child)} in <{self.tag}>{known}"
            self.findings.errors.append(DeploymentError(message, self.source.path, line))
        self._check_attributes()
        self._check_text()
        for part in self._parts:
            part.finish()

    def _check_text(self) -> None:
        stray = "" if self._takes_text else self.text().strip()
        if not stray:
            return
        message = f"unexpected text '{stray[:40]}' in <{self.tag}>"
        # between mediators it is a slip of the hand, elsewhere somebody meant something by it
        if self._holds_mediators and not self.terms.strict:
            self.note(message)
        else:
            self.report(message)

    def _check_attributes(self) -> None:
        for name in map(str, self.element.attrib):
            if name.startswith("{") or name in self.asked_attributes or name in ALWAYS_ALLOWED:
                continue
            message = f"unknown attribute '{name}' of <{self.tag}>{did_you_mean(name, self.asked_attributes)}"
            if self.terms.strict:
                self.report(message)
            else:
                self.note(message)

    def _compiled(
        self, text: str, place: str, compile_text: Callable[[str, dict[str, str]], Expression]
    ) -> Expression:
        try:
            return compile_text(text, self.namespaces)
        except ExpressionError as error:
            self.report(f"<{self.tag}>{place}: {error}")
            return _UNREADABLE

    def _missing(self, name: str) -> str:
        unknown = [str(other) for other in self.element.attrib if other not in self.asked_attributes]
        nearest = get_close_matches(name, unknown, n=1, cutoff=0.7)
        return f"<{self.tag}> needs the attribute '{name}'" + (
            f" (is it misspelt as '{nearest[0]}'?)" if nearest else ""
        )


def is_ours(element: etree._Element) -> bool:
    """Return whether the element is in the Synapse namespace, or in none, which is let pass."""
    return etree.QName(element).namespace in {NAMESPACE, None}


def _is(element: etree._Element, tag: str) -> bool:
    return is_ours(element) and etree.QName(element).localname == tag


def _shown(element: etree._Element) -> str:
    name = etree.QName(element)
    return f"<{name.localname}>" if is_ours(element) else f"{{{name.namespace}}}{name.localname}"
