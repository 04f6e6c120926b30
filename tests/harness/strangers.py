"""Members that are not ours: what a Java node does to the tables, as far as anybody notices."""

import threading
import time
from types import TracebackType
from typing import Self

from servers.server import Database

from harness.tables import execute
from harness.waiting import LIMIT

_BEAT = """
    UPDATE CLUSTER_NODE_STATUS_TABLE SET LAST_HEARTBEAT = :at WHERE GROUP_ID = :group AND NODE_ID = :node
"""
_INSERT = """
    INSERT INTO CLUSTER_NODE_STATUS_TABLE (GROUP_ID, NODE_ID, IS_NEW_NODE, LAST_HEARTBEAT)
    VALUES (:group, :node, 1, :at)
"""
_PERIOD = 0.3


class JavaMember:
    """Beats in WSO2's table while its block lasts, by a clock that is ten minutes late; its row stays behind."""

    def __init__(self, database: Database, node_id: str = "java-1", group: str = "default") -> None:
        self._database, self._row = database, {"node": node_id, "group": group}
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._live, name=node_id)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone.set()
        self._thread.join(LIMIT)

    def _live(self) -> None:
        while not self._gone.wait(_PERIOD):
            now = round((time.time() - 600) * 1000)
            if execute(self._database, _BEAT, **self._row, at=now) == 0:
                execute(self._database, _INSERT, **self._row, at=now)
