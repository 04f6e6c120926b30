"""The tables of coordination as one description; scripts and start-up checks are derived from it.

`BASE_TABLES` are WSO2's own, by their names and types; `ADDED_TABLES` are ours. Types are logical: V(n) is
ASCII text such as ids and states, NAME(n) text of users, CLOB long text. Columns are NOT NULL unless marked
`null`.
"""

from dataclasses import dataclass

SCHEMA_MAJOR, SCHEMA_MINOR = 1, 0
"""Releases with one major number share tables; a node refuses any other major."""


@dataclass(frozen=True)
class Table:
    """A table: its columns as `NAME TYPE [null] [= default]`, one per line, and its primary key.

    `is_hot` marks tables whose rows are updated all the time.
    """

    name: str
    columns: str
    key: str = ""
    is_hot: bool = False


BASE_TABLES = (
    Table(
        "LEADER_STATUS_TABLE",
        """
        GROUP_ID V(512)
        NODE_ID V(512)
        LAST_HEARTBEAT BIGINT
        """,
        key="GROUP_ID",
    ),
    Table(
        "CLUSTER_NODE_STATUS_TABLE",
        """
        GROUP_ID V(512)
        NODE_ID V(512)
        IS_NEW_NODE INT
        LAST_HEARTBEAT BIGINT
        """,
        key="GROUP_ID, NODE_ID",
    ),
    Table(
        "MEMBERSHIP_EVENT_TABLE",
        """
        GROUP_ID V(512)
        NODE_ID V(512)
        CHANGE_TYPE INT
        CHANGED_MEMBER_ID V(512)
        """,
    ),
    Table(
        "REMOVED_MEMBERS_TABLE",
        """
        GROUP_ID V(512)
        NODE_ID V(512)
        REMOVED_MEMBER_ID V(512)
        """,
    ),
    Table(
        "COORDINATED_TASK_TABLE",
        """
        TASK_NAME NAME(512)
        DESTINED_NODE_ID V(512) null
        TASK_STATE V(32) null
        """,
        key="TASK_NAME",
    ),
)

ADDED_TABLES = (
    Table(
        "MI_NODE_LEASE",
        """
        GROUP_ID V(200)
        NODE_ID V(200)
        BOOT_ID V(36)
        LEASE_EPOCH BIGINT
        LEASE_MS BIGINT
        RENEW_SEQ BIGINT
        RENEWED_AT BIGINT
        STATUS V(16)
        DEPLOY_SEQ BIGINT
        ENDPOINT V(255) null
        STARTED_AT BIGINT
        INFO V(1000)
        """,
        key="GROUP_ID, NODE_ID",
        is_hot=True,
    ),
    Table(
        "MI_NODE_DEPLOYMENT",
        """
        GROUP_ID V(200)
        NODE_ID V(200)
        BOOT_ID V(36)
        DEPLOY_SEQ BIGINT
        TASKS CLOB
        """,
        key="GROUP_ID, NODE_ID",
    ),
    Table(
        "MI_TASK_FENCE",
        """
        GROUP_ID V(200)
        TASK_NAME NAME(512)
        FENCE BIGINT
        OWNER_NODE_ID V(200) null
        OWNER_BOOT_ID V(36) null
        STATE V(10)
        INTENT V(8)
        INTENT_SEQ BIGINT
        INTENT_DONE BIGINT
        DEF_HASH V(64)
        ANCHOR_AT BIGINT null
        ANCHOR_KEY BIGINT null
        LAST_FIRE_KEY BIGINT = -1
        LAST_FIRE_STATE V(10) null
        LAST_FIRE_AT BIGINT null
        CLAIM_ID V(64) null
        FIRED_COUNT BIGINT = 0
        MOVE_TO V(200) null
        TRIGGER_SEQ BIGINT = 0
        TRIGGER_DONE BIGINT = 0
        TRIGGER_AT BIGINT null
        TRIGGER_CLAIM V(64) null
        ORPHAN_SINCE BIGINT null
        """,
        key="GROUP_ID, TASK_NAME",
        is_hot=True,
    ),
    Table(
        "MI_CLUSTER_SIGNAL",
        """
        GROUP_ID V(200)
        SEQ BIGINT
        CHANGED_AT BIGINT
        FENCE_FLOOR BIGINT
        WIRE_KEY V(64)
        """,
        key="GROUP_ID",
        is_hot=True,
    ),
    Table(
        "MI_REVOKED_TOKEN",
        """
        GROUP_ID V(200)
        TOKEN_ID V(64)
        EXPIRES_AT BIGINT
        """,
        key="GROUP_ID, TOKEN_ID",
    ),
    Table(
        "MI_SCHEMA_VERSION",
        """
        ID INT
        MAJOR INT
        MINOR INT
        """,
        key="ID",
    ),
)

INSERT_VERSION = f"""INSERT INTO MI_SCHEMA_VERSION (ID, MAJOR, MINOR)
SELECT v.ID, {SCHEMA_MAJOR}, {SCHEMA_MINOR} FROM (SELECT 1 AS ID) v
 WHERE NOT EXISTS (SELECT 1 FROM MI_SCHEMA_VERSION)"""  # noqa: S608
"""Every database understands it, and a second run changes nothing."""
