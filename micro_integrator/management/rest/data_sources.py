"""/data-sources: the databases of deployment.toml. A password is shown to nobody."""

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from micro_integrator.config import DataSourceSettings
from micro_integrator.database import masked
from micro_integrator.management.rest.refusal import Refused
from micro_integrator.management.rest.selection import Row, listed
from micro_integrator.observability import MASK

TYPE = "RDBMS"
ENDLESS = -1


class DataSourceList:
    """Answers for the resource; `sources` are those of the settings, by id."""

    def __init__(self, sources: Mapping[str, DataSourceSettings]) -> None:
        self._sources = sources

    async def __call__(self, request: Request) -> Response:
        """Answer with the list, or with one. Raises Refused."""
        query = request.query_params
        if not (name := query.get("name")):
            rows = [_row(self._sources[id_]) for id_ in sorted(self._sources)]
            return JSONResponse(listed(rows, query))
        if name not in self._sources:
            raise Refused(404, f"There is no data source '{name}'")
        return JSONResponse(_detail(self._sources[name]))


def _row(source: DataSourceSettings) -> Row:
    return {"name": source.id, "type": TYPE, "carbonApp": None, "file": source.place.file}


def _detail(source: DataSourceSettings) -> Row:
    return {
        **_row(source),
        "description": "",
        "driverClass": source.driver,
        "url": masked(source.url),
        "userName": source.username,
        "configurationParameters": _parameters(source),
        "configuration": _configuration(source),
    }


def _parameters(source: DataSourceSettings) -> Row:
    """Return the options of the pool by the names of the reference, times in milliseconds."""
    pool = source.pool_options
    return {
        "isDefaultAutoCommit": True,  # every statement is a transaction of its own
        "isDefaultReadOnly": False,
        "removeAbandoned": False,
        "validationQuery": None,  # the driver's own ping
        "validationQueryTimeout": ENDLESS,
        "maxActive": pool.max_active,
        "maxIdle": pool.kept,
        "maxWait": ENDLESS if pool.max_wait is None else round(pool.max_wait * 1000),
        "maxAge": round(pool.max_age * 1000),
    }


def _configuration(source: DataSourceSettings) -> str:
    """Return what stands in the file about it, as far as others may see it."""
    written = {
        "id": source.id,
        "url": masked(source.url),
        "username": source.username,
        "password": source.password and MASK,
        "driver": source.driver,
    }
    # what JSON writes for a text is what TOML reads
    lines = [f"{key} = {json.dumps(value)}" for key, value in written.items() if value]
    return "\n".join(["[[datasource]]", *lines])
