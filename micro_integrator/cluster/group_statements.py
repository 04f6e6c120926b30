"""SQL about the group: leases, the snapshot, the leader, publications, tokens, and the mirrors of WSO2's tables.

One auto-commit statement per write (coordination 8.3); the accents of each database come from its dialect. WSO2's
base tables may have another collation than ours: no statement compares a column of theirs with one of ours.
"""

from micro_integrator.database import BatchInsert, BatchUpdate, Statement

# leases

READ_LEASE = Statement("""
    SELECT NODE_ID, BOOT_ID, LEASE_EPOCH, LEASE_MS, RENEW_SEQ, RENEWED_AT, STATUS, STARTED_AT, INFO, DEPLOY_SEQ,
           ENDPOINT
      FROM MI_NODE_LEASE
     WHERE GROUP_ID = :group AND NODE_ID = :node
""")

INSERT_LEASE = Statement("""
    INSERT INTO MI_NODE_LEASE (GROUP_ID, NODE_ID, BOOT_ID, LEASE_EPOCH, LEASE_MS, RENEW_SEQ, RENEWED_AT, STATUS,
                               DEPLOY_SEQ, ENDPOINT, STARTED_AT, INFO)
    VALUES (:group, :node, :boot, 1, :lease_ms, 0, {now_ms}, 'JOINING', 0, NULL, {now_ms}, :info)
""")

TAKE_LEASE = Statement("""
    UPDATE MI_NODE_LEASE
       SET BOOT_ID = :boot, LEASE_EPOCH = LEASE_EPOCH + 1, LEASE_MS = :lease_ms, RENEW_SEQ = 0,
           RENEWED_AT = {now_ms}, STATUS = 'JOINING', DEPLOY_SEQ = 0, ENDPOINT = NULL, STARTED_AT = {now_ms},
           INFO = :info
     WHERE GROUP_ID = :group AND NODE_ID = :node AND BOOT_ID = :seen_boot AND LEASE_EPOCH = :seen_epoch
       AND RENEW_SEQ = :seen_seq AND STATUS = :seen_status
""")
"""Compare-and-set on exactly the row that was judged: a holder that has renewed since is not touched."""

RENEW_LEASE = Statement("""
    UPDATE MI_NODE_LEASE
       SET RENEW_SEQ = :number, RENEWED_AT = {now_ms}, DEPLOY_SEQ = :deploy_seq, ENDPOINT = :endpoint,
           INFO = :info
     WHERE GROUP_ID = :group AND NODE_ID = :node AND BOOT_ID = :boot
       AND LEASE_EPOCH = :epoch AND STATUS NOT IN ('LEFT', 'EVICTED')
       AND RENEW_SEQ >= :confirmed AND RENEW_SEQ < :number
""")
"""One row: renewed. No row: this process is no longer who it thinks it is, or was overtaken by itself."""

SET_LEASE_STATUS = Statement("""
    UPDATE MI_NODE_LEASE
       SET STATUS = :status
     WHERE GROUP_ID = :group AND NODE_ID = :node AND BOOT_ID = :boot
       AND LEASE_EPOCH = :epoch AND STATUS NOT IN ('LEFT', 'EVICTED')
""")

EVICT_LEASE = Statement("""
    UPDATE MI_NODE_LEASE
       SET STATUS = 'EVICTED'
     WHERE GROUP_ID = :group AND NODE_ID = :node AND BOOT_ID = :seen_boot AND LEASE_EPOCH = :seen_epoch
       AND RENEW_SEQ = :seen_seq AND STATUS = :seen_status
""")
"""Compare-and-set on exactly the renewal that was judged (L3 b): nothing waives it."""

PURGE_LEASE = Statement("""
    DELETE FROM MI_NODE_LEASE
     WHERE GROUP_ID = :group AND NODE_ID = :node AND BOOT_ID = :boot AND STATUS IN ('LEFT', 'EVICTED')
""")

PURGE_DEPLOYMENT = Statement("""
    DELETE FROM MI_NODE_DEPLOYMENT WHERE GROUP_ID = :group AND NODE_ID = :node AND BOOT_ID = :boot
""")

# the group

INSERT_SIGNAL = Statement("""
    INSERT INTO MI_CLUSTER_SIGNAL (GROUP_ID, SEQ, CHANGED_AT, FENCE_FLOOR, WIRE_KEY)
    VALUES (:group, 0, {now_ms}, 0, :wire_key)
""")

READ_SIGNAL = Statement("""
    SELECT {now_ms}, SEQ FROM MI_CLUSTER_SIGNAL WHERE GROUP_ID = :group
""")
"""The database's time, and whether anybody has changed anything."""

READ_WIRE_KEY = Statement("""
    SELECT WIRE_KEY FROM MI_CLUSTER_SIGNAL WHERE GROUP_ID = :group
""")

SNAPSHOT = Statement("""
    SELECT 'signal' AS KIND, GROUP_ID AS NODE_ID, '' AS BOOT_ID, '' AS STATUS, '' AS INFO, '' AS ENDPOINT,
           SEQ AS A, FENCE_FLOOR AS B, {now_ms} AS C, 0 AS D, 0 AS E, 0 AS F
      FROM MI_CLUSTER_SIGNAL WHERE GROUP_ID = :group
     UNION ALL
    SELECT 'lease', NODE_ID, BOOT_ID, STATUS, INFO, COALESCE(ENDPOINT, ''),
           LEASE_EPOCH, LEASE_MS, RENEW_SEQ, RENEWED_AT, STARTED_AT, DEPLOY_SEQ
      FROM MI_NODE_LEASE WHERE GROUP_ID = :group
     UNION ALL
    SELECT 'member', NODE_ID, '', '', '', '', LAST_HEARTBEAT, 0, 0, 0, 0, 0
      FROM CLUSTER_NODE_STATUS_TABLE WHERE GROUP_ID = :group
     UNION ALL
    SELECT 'leader', NODE_ID, '', '', '', '', LAST_HEARTBEAT, 0, 0, 0, 0, 0
      FROM LEADER_STATUS_TABLE WHERE GROUP_ID = :group
""")
"""What every node looks at once per heart-beat. A join would return leases x members rows."""

RAISE_SIGNAL = Statement("""
    UPDATE MI_CLUSTER_SIGNAL SET SEQ = SEQ + 1, CHANGED_AT = {now_ms} WHERE GROUP_ID = :group
""")

RAISE_FLOOR = Statement("""
    UPDATE MI_CLUSTER_SIGNAL SET FENCE_FLOOR = :floor WHERE GROUP_ID = :group AND FENCE_FLOOR < :floor
""")
"""Before a fence row is deleted: no fence value is ever given twice."""

# the leader: WSO2's own table, decided by its primary key

INSERT_LEADER = Statement("""
    INSERT INTO LEADER_STATUS_TABLE (GROUP_ID, NODE_ID, LAST_HEARTBEAT) VALUES (:group, :node, {now_ms})
""")

DELETE_LEADER = Statement("""
    DELETE FROM LEADER_STATUS_TABLE
     WHERE GROUP_ID = :group AND NODE_ID = :leader AND LAST_HEARTBEAT = :seen
""")
"""Exactly the row that was judged: a leader that has finished a pass since stays."""

RESIGN = Statement("""
    DELETE FROM LEADER_STATUS_TABLE WHERE GROUP_ID = :group AND NODE_ID = :node
""")

CONFIRM_LEADER = Statement("""
    UPDATE LEADER_STATUS_TABLE SET LAST_HEARTBEAT = {now_ms} WHERE GROUP_ID = :group AND NODE_ID = :node
""")

# the mirror of the members: for WSO2's operators, never read for a decision about our own members

BEAT_MEMBER = Statement("""
    UPDATE CLUSTER_NODE_STATUS_TABLE SET LAST_HEARTBEAT = {now_ms} WHERE GROUP_ID = :group AND NODE_ID = :node
""")

INSERT_MEMBER = Statement("""
    INSERT INTO CLUSTER_NODE_STATUS_TABLE (GROUP_ID, NODE_ID, IS_NEW_NODE, LAST_HEARTBEAT)
    VALUES (:group, :node, 0, {now_ms})
""")

DELETE_MEMBER = Statement("""
    DELETE FROM CLUSTER_NODE_STATUS_TABLE WHERE GROUP_ID = :group AND NODE_ID = :node
""")

# the mirror of the tasks

READ_MIRRORED = Statement("SELECT TASK_NAME, DESTINED_NODE_ID, TASK_STATE FROM COORDINATED_TASK_TABLE")

INSERT_MIRRORED = BatchInsert(
    table="COORDINATED_TASK_TABLE",
    columns=(("T", "name"), ("N", "ascii"), ("S", "ascii")),
    into=(("TASK_NAME", "v.T"), ("DESTINED_NODE_ID", "v.N"), ("TASK_STATE", "v.S")),
    source="MI_CLUSTER_SIGNAL s",
    where="s.GROUP_ID = :group",
)

UPDATE_MIRRORED = BatchUpdate(
    table="COORDINATED_TASK_TABLE",
    columns=(("T", "name"), ("N", "ascii"), ("S", "ascii")),
    join="f.TASK_NAME = v.T",
    set=(("DESTINED_NODE_ID", "v.N"), ("TASK_STATE", "v.S")),
    where="1 = 1",
    confirm="f.TASK_STATE = v.S",
)

DELETE_MIRRORED = Statement("DELETE FROM COORDINATED_TASK_TABLE WHERE TASK_NAME = :task")

# publication

UPDATE_DEPLOYMENT = Statement("""
    UPDATE MI_NODE_DEPLOYMENT SET BOOT_ID = :boot, DEPLOY_SEQ = :deploy_seq, TASKS = :tasks
     WHERE GROUP_ID = :group AND NODE_ID = :node
""")

INSERT_DEPLOYMENT = Statement("""
    INSERT INTO MI_NODE_DEPLOYMENT (GROUP_ID, NODE_ID, BOOT_ID, DEPLOY_SEQ, TASKS)
    VALUES (:group, :node, :boot, :deploy_seq, :tasks)
""")

OTHER_DEPLOYMENTS = Statement("""
    SELECT d.NODE_ID, l.STATUS, {now_ms} - l.RENEWED_AT, d.TASKS
      FROM MI_NODE_DEPLOYMENT d
      JOIN MI_NODE_LEASE l ON l.GROUP_ID = d.GROUP_ID AND l.NODE_ID = d.NODE_ID AND l.BOOT_ID = d.BOOT_ID
     WHERE d.GROUP_ID = :group AND d.NODE_ID <> :node
""")

READ_DEPLOYMENT = Statement("""
    SELECT BOOT_ID, DEPLOY_SEQ, TASKS FROM MI_NODE_DEPLOYMENT WHERE GROUP_ID = :group AND NODE_ID = :node
""")

COUNT_OWNED = Statement("""
    SELECT COUNT(*) FROM MI_TASK_FENCE WHERE GROUP_ID = :group AND OWNER_BOOT_ID = :boot
""")

COUNT_BY_OWNER = Statement("""
    SELECT OWNER_BOOT_ID, COUNT(*) FROM MI_TASK_FENCE
     WHERE GROUP_ID = :group AND OWNER_BOOT_ID IS NOT NULL GROUP BY OWNER_BOOT_ID
""")

# tokens of the management API

REVOKE_TOKEN = Statement("""
    INSERT INTO MI_REVOKED_TOKEN (GROUP_ID, TOKEN_ID, EXPIRES_AT) VALUES (:group, :token, :expires_ms)
""")

READ_REVOKED_TOKEN = Statement("""
    SELECT EXPIRES_AT FROM MI_REVOKED_TOKEN WHERE GROUP_ID = :group AND TOKEN_ID = :token
""")

PURGE_REVOKED_TOKENS = Statement("""
    DELETE FROM MI_REVOKED_TOKEN WHERE GROUP_ID = :group AND EXPIRES_AT < {now_ms} - :kept_ms
""")
