"""/applications: what was deployed, from which files, and why others were not."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from micro_integrator.deployment import Application, Problem, State, Version
from micro_integrator.kit import shown_path
from micro_integrator.management.rest.refusal import Refused
from micro_integrator.management.rest.resources import Applications
from micro_integrator.management.rest.selection import Row, found, page

ARCHIVE = ".car"
FILE_TYPE = "application/octet-stream"
LOOSE = "file"
"""Version of what did not come in an archive."""

SHORT_NAMES = {
    "localEntry": "local-entry",
    "proxy": "proxy-service",
    "messageStore": "message-store",
    "messageProcessor": "message-processor",
    "inboundEndpoint": "inbound-endpoint",
    "import": "connector",
}
"""Root element of an artifact → its type in these lists, where that is another word."""


class ApplicationList:
    """Answers for the resource; `downloads_need_admin` keeps the files themselves from other users."""

    def __init__(self, applications: Applications, *, downloads_need_admin: bool) -> None:
        self._applications, self._needs_admin = applications, downloads_need_admin

    async def __call__(self, request: Request) -> Response:
        """Answer with the lists, one application, or its file. Raises Refused."""
        query = request.query_params
        if not (name := query.get("carbonAppName")):
            return JSONResponse(_lists(list(self._applications()), query))
        wanted = [one for one in self._applications() if name in _names(one)]
        rows = [*_active(wanted), *_faulty(wanted)]
        if not rows:
            raise Refused(404, f"There is no application '{name}'")
        if FILE_TYPE in request.headers.get("accept", ""):
            return self._file(wanted, request)
        return JSONResponse(rows[0])

    def _file(self, wanted: Sequence[Application], request: Request) -> Response:
        if self._needs_admin and not request.state.caller.is_admin:
            raise Refused(403, "Only administrators may download applications")
        paths = [Path(one.path) for one in wanted if one.path.lower().endswith(ARCHIVE)]
        archive = next((path for path in paths if path.is_file()), None)
        if archive is None:
            raise Refused(404, "This application did not come as an archive: there is no file to download")
        return FileResponse(archive, media_type=FILE_TYPE, filename=shown_path(archive.name))


def _lists(applications: Sequence[Application], query: Mapping[str, str]) -> Row:
    active, faulty = found(_active(applications), query), found(_faulty(applications), query)
    return {
        "totalCount": len(active) + len(faulty),
        "activeCount": len(active),
        "faultyCount": len(faulty),
        "activeList": page(active, query),
        "faultyList": page(faulty, query),
        "pendingList": [{"file": one.shown, "state": one.state} for one in applications if _is_pending(one)],
    }


def _active(applications: Iterable[Application]) -> list[Row]:
    """Return the applications in force; loose files of one folder are one of them."""
    rows: dict[tuple[str, str], Row] = {}
    for one in applications:
        if (version := one.current) is None:
            continue
        package = version.package
        row = rows.setdefault(
            (package.name, package.version),
            {"name": package.name, "version": package.version, "artifacts": [], "files": [], "warnings": []},
        )
        row["artifacts"] += _artifacts(version)
        row["files"].append(one.shown)
        row["warnings"] += [*package.notes, *map(str, version.notices)]
    return sorted(rows.values(), key=lambda row: (row["name"], row["version"]))


def _artifacts(version: Version) -> list[Row]:
    artifacts = [
        {"name": artifact.name, "type": SHORT_NAMES.get(artifact.kind, artifact.kind)}
        for artifact in version.artifacts
    ]
    resources = [
        {"name": resource.key, "type": "registry-resource"} for resource in version.package.resources
    ]
    return artifacts + resources


def _faulty(applications: Iterable[Application]) -> list[Row]:
    """Return the files whose newest content is not in force, each with its first reason and all of them."""
    return [
        {
            "name": name,
            "version": version,
            "artifacts": [],
            **_told(one.fault.problems[0]),
            "problems": [_told(problem) for problem in one.fault.problems],
        }
        for one in sorted(applications, key=lambda one: one.path)
        if one.fault is not None
        for name, version in [_written_name(one)]
    ]


def _told(problem: Problem) -> Row:
    return {
        "file": problem.file,
        "reason": problem.reason,
        "artifact": problem.artifact or None,
        "line": problem.line or None,
        "column": problem.column or None,
    }


def _names(application: Application) -> set[str]:
    """Return what an application may be asked for by: its name, with or without its version."""
    name, version = _written_name(application)
    return {name, f"{name}_{version}"}


def _written_name(application: Application) -> tuple[str, str]:
    """Return name and version: those it has said itself, else those in the name of its file."""
    if application.current is not None:
        return application.current.package.name, application.current.package.version
    path = PurePath(application.shown)
    if path.suffix.lower() == ".xml":
        return path.stem, LOOSE
    label = path.stem if path.suffix.lower() == ARCHIVE else path.name
    name, underscore, version = label.rpartition("_")
    return (name, version) if underscore else (label, "")


def _is_pending(application: Application) -> bool:
    return application.state in {State.NEW, State.LOADING, State.UPDATING}
