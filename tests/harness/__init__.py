"""Real nodes for tests: homes with artifacts, processes that are killed and frozen, and a sink that keeps the books.

A test asks for a `group` of homes (fixtures in tests/cluster/conftest.py), deploys tasks whose bodies call the
sink, starts nodes, hurts them, and judges by what arrived or by what stands in the tables.
"""

from harness.accounts import named_keys
from harness.artifacts import task_xml
from harness.backups import Backup
from harness.chaos import Chaos, Report
from harness.clocks import MakeClock, WallClock
from harness.databases import on
from harness.fleet import (
    CLEAN,
    DEFAULT_LEASE,
    DEFAULT_WINDOW,
    FAST_WINDOW,
    ROUND_ROBIN,
    UNWIRED,
    Books,
    Fleet,
    Trial,
    takeover_within,
    tried,
)
from harness.fronts import HANGS_UP, NONSENSE, SAYS_NOTHING, Front
from harness.group import Group
from harness.holds import Hold
from harness.home import Home
from harness.machines import Machines, said, wait_complete
from harness.namespaces import Network, missing_rights, two_networks
from harness.node import Node
from harness.outages import Frozen, MakeServer, crash, own_server
from harness.proxy import Proxy
from harness.sessions import Server, Session, Sessions
from harness.sink import Arrival, Sink, Tenure
from harness.stand_ins import StandIns
from harness.strangers import JavaMember
from harness.tables import TaskRow, create_tables, execute, rows, task_row, wait_for_row
from harness.waiting import LIMIT, wait_until

__all__ = [
    "CLEAN",
    "DEFAULT_LEASE",
    "DEFAULT_WINDOW",
    "FAST_WINDOW",
    "HANGS_UP",
    "LIMIT",
    "NONSENSE",
    "ROUND_ROBIN",
    "SAYS_NOTHING",
    "UNWIRED",
    "Arrival",
    "Backup",
    "Books",
    "Chaos",
    "Fleet",
    "Front",
    "Frozen",
    "Group",
    "Hold",
    "Home",
    "JavaMember",
    "Machines",
    "MakeClock",
    "MakeServer",
    "Network",
    "Node",
    "Proxy",
    "Report",
    "Server",
    "Session",
    "Sessions",
    "Sink",
    "StandIns",
    "TaskRow",
    "Tenure",
    "Trial",
    "WallClock",
    "crash",
    "create_tables",
    "execute",
    "missing_rights",
    "named_keys",
    "on",
    "own_server",
    "rows",
    "said",
    "takeover_within",
    "task_row",
    "task_xml",
    "tried",
    "two_networks",
    "wait_complete",
    "wait_for_row",
    "wait_until",
]
