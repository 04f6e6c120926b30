"""Which resource of an API a request is for. ◇

First the resources that take the method (and what else they ask for) are looked through in a fixed order: URL mappings
- a whole path, the longest `/a/*`, `*.x` -, then URI templates as they were written, then the resource without either.
Only when none of them means the path, the others tell why: 405 when the method is wrong, 400 when something else is,
404 when nobody knows the path. The tables are made once, so that a request costs a look-up and a few matches.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from micro_integrator.synapse.apis.resource import METHODS, Resource, Traits
from micro_integrator.synapse.apis.uri_pattern import UriPattern
from micro_integrator.synapse.apis.url_mapping import UrlMapping, trimmed

USUAL_METHODS = "GET, POST, PUT, DELETE"
"""What OPTIONS answers for a resource that names no methods."""
OPTIONS = "OPTIONS"


@dataclass(slots=True)
class Found:
    """This resource, with the variables of its template."""

    resource: Resource
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class NotFound:
    """No resource knows the path."""


@dataclass(frozen=True, slots=True)
class BadRequest:
    """A resource knows the path and the method, but asks for another content type, user agent or protocol."""


@dataclass(frozen=True, slots=True)
class MethodNotAllowed:
    """Resources know the path, but not with this method."""

    allow: str


@dataclass(frozen=True, slots=True)
class Options:
    """A question which methods there are, to be answered by the server itself."""

    allow: str


Candidate = tuple[Callable[[str, str | None], dict[str, str] | None], Resource]
Verdict = Found | NotFound | BadRequest | MethodNotAllowed | Options

NOT_FOUND, BAD_REQUEST = NotFound(), BadRequest()
WHOLE_PATH = (0, 0)
"""Precedence of URL mappings that are looked up instead of tried."""


class Dispatch:
    """The resources of one API, prepared for looking up."""

    __slots__ = ("_any_method", "_everything", "_only_options", "_tables", "asks_for_traits")

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._everything = everything = list(resources)
        self.asks_for_traits = any(resource.conditions is not None for resource in everything)
        """Whether `decide` needs to know more than method, path and query."""
        self._tables = {
            method: _Table([resource for resource in everything if resource.accepts(method)])
            for method in METHODS
            if method != OPTIONS
        }
        self._any_method = _Table([resource for resource in everything if not resource.methods])
        self._only_options = _Table([resource for resource in everything if resource.methods == (OPTIONS,)])

    def decide(self, method: str, path: str, query: str | None, traits: Traits | None = None) -> Verdict:
        """Return what is to be done with a request; `path` is what stands behind the context of the API.

        `traits` may be missing when no resource asks for any.
        """
        if method == OPTIONS:
            return self._options(path, query, traits)
        found = self._tables.get(method, self._any_method).find(path, query, traits)
        return found or self._refusal(method, path, query)

    def _refusal(self, method: str, path: str, query: str | None) -> Verdict:
        meant = self._meant(path, query)
        if not meant:
            return NOT_FOUND
        if any(resource.accepts(method) for resource in meant):
            return BAD_REQUEST
        return MethodNotAllowed(_methods_of(meant))

    def _options(self, path: str, query: str | None, traits: Traits | None) -> Verdict:
        found = self._only_options.find(path, query, traits)
        if found is not None:
            return found
        meant = self._meant(path, query)
        if not meant:
            return NOT_FOUND
        reached = [resource for resource in meant if _is_reached(resource, traits)]
        if not reached:
            return BAD_REQUEST
        if OPTIONS in reached[0].methods:
            return Found(reached[0], reached[0].variables(path, query) or {})
        return Options(_methods_of(reached))

    def _meant(self, path: str, query: str | None) -> list[Resource]:
        """Return all resources that mean this path, in the order in which they would be tried."""
        meant = [resource for resource in self._everything if resource.variables(path, query) is not None]
        return sorted(meant, key=_precedence)


class _Table:
    """Resources that take the same method, in the order in which they are tried."""

    __slots__ = ("_by_segment", "_elsewhere", "_paths")

    def __init__(self, resources: Sequence[Resource]) -> None:
        ordered = sorted(resources, key=_precedence)
        self._paths: dict[str, list[Resource]] = {}
        for resource in ordered:
            if isinstance(resource.mapping, UrlMapping) and resource.mapping.path is not None:
                self._paths.setdefault(resource.mapping.path, []).append(resource)
        others = [resource for resource in ordered if _precedence(resource) > WHOLE_PATH]
        segments = {_first_segment(resource) for resource in others}
        self._elsewhere = _candidates(others, None)
        """For paths that begin with no segment of a template: path and query to variables, and whose they are."""
        self._by_segment = {
            segment: _candidates(others, segment) for segment in segments if segment is not None
        }

    def find(self, path: str, query: str | None, traits: Traits | None) -> Found | None:
        """Return the first resource that means the path and fits the traits."""
        if self._paths:
            for resource in self._paths.get(trimmed(path), ()):
                if traits is None or resource.fits(traits):
                    return Found(resource, {})
        end = path.find("/", 1)
        segment = path[1:] if end < 0 else path[1:end]
        for match, resource in self._by_segment.get(segment, self._elsewhere):
            variables = match(path, query)
            if variables is not None and (traits is None or resource.fits(traits)):
                return Found(resource, variables)
        return None


def _candidates(resources: Iterable[Resource], segment: str | None) -> list[Candidate]:
    return [
        (resource.variables if resource.mapping is None else resource.mapping.match, resource)
        for resource in resources
        if _first_segment(resource) in {segment, None}
    ]


def _first_segment(resource: Resource) -> str | None:
    return resource.mapping.first_segment if isinstance(resource.mapping, UriPattern) else None


def _precedence(resource: Resource) -> tuple[int, int]:
    """Return what resources are sorted by; those that are equal keep their order."""
    mapping = resource.mapping
    if isinstance(mapping, UrlMapping):
        if mapping.parent is not None:
            return 1, -len(mapping.parent)
        return WHOLE_PATH if mapping.path is not None else (2, 0)
    return (4, 0) if mapping is None else (3, 0)


def _is_reached(resource: Resource, traits: Traits | None) -> bool:
    return traits is None or resource.conditions is None or resource.conditions.fits_scheme(traits)


def _methods_of(resources: Iterable[Resource]) -> str:
    """Return the value of the header Allow."""
    names = [method for resource in resources for method in resource.methods or USUAL_METHODS.split(", ")]
    return ", ".join(dict.fromkeys(name for name in names if name != OPTIONS))
