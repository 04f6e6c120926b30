"""A private database as deployment.toml would name it."""

from typing import Any

from micro_integrator.config import COORDINATION, DataSourceSettings
from servers.server import Database


def settings_of(database: Database, **changes: Any) -> DataSourceSettings:
    """The section [[datasource]] that names `database`."""
    values = {"url": database.url, "username": database.username, "password": database.password}
    return DataSourceSettings(**{"id": COORDINATION, **values, **changes})
