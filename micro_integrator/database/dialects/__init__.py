"""One dialect per database; the only place where their differences are known.

`dialect` is the page of what may differ; `DIALECTS` the catalogue.
"""

from micro_integrator.database.dialects.dialect import Dialect, Limits, Problem
from micro_integrator.database.dialects.mysql import MySQL
from micro_integrator.database.dialects.postgresql import PostgreSQL
from micro_integrator.database.dialects.sqlite import SQLite

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (PostgreSQL(), MySQL(), SQLite())}

__all__ = ["DIALECTS", "Dialect", "Limits", "Problem"]
