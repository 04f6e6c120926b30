"""Real nodes for tests: homes with artifacts, processes that are killed and frozen, and a sink that keeps the books."""

from harness.accounts import named_keys
from harness.artifacts import task_xml
from harness.group import Group
from harness.home import Home
from harness.node import Node
from harness.sink import Arrival, Sink
from harness.tables import rows
from harness.waiting import LIMIT, wait_until

__all__ = [
    "LIMIT",
    "Arrival",
    "Group",
    "Home",
    "Node",
    "Sink",
    "named_keys",
    "rows",
    "task_xml",
    "wait_until",
]
