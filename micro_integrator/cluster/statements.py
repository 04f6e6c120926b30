"""SQL about tasks: who owns a row, which occurrence was taken, what the operator wants.

One auto-commit statement per write (coordination 8.3): no lock is held across a round trip, and a process that
freezes or vanishes holds nothing. Every write about a task is conditioned on its fence, and on the boot id of the
owner where the owner writes. In the batches `f` is the table's row and `v` the row of values.
"""

from micro_integrator.database import BatchInsert, BatchUpdate, Statement

# fence rows

_FENCE_COLUMNS = """
    f.TASK_NAME, f.FENCE, f.OWNER_NODE_ID, f.OWNER_BOOT_ID, f.STATE, f.INTENT, f.INTENT_SEQ, f.INTENT_DONE,
    f.DEF_HASH, f.ANCHOR_AT, f.ANCHOR_KEY, f.LAST_FIRE_KEY, f.LAST_FIRE_STATE, f.CLAIM_ID, f.FIRED_COUNT,
    f.TRIGGER_SEQ, f.TRIGGER_DONE, f.TRIGGER_AT, f.TRIGGER_CLAIM, f.ORPHAN_SINCE, f.MOVE_TO,
    CASE WHEN l.STATUS IN ('ACTIVE', 'DRAINING') THEN 1 ELSE 0 END, f.LAST_FIRE_AT
"""

READ_FENCES = Statement(f"""
    SELECT {_FENCE_COLUMNS}
      FROM MI_TASK_FENCE f
      LEFT JOIN MI_NODE_LEASE l
        ON l.GROUP_ID = f.GROUP_ID AND l.NODE_ID = f.OWNER_NODE_ID AND l.BOOT_ID = f.OWNER_BOOT_ID
     WHERE f.GROUP_ID = :group
""")  # noqa: S608 - constant text
"""Tasks and the leases of their owners in one statement: a boot id that joined in between cannot be robbed."""

READ_OWN_FENCES = Statement(f"""
    SELECT {_FENCE_COLUMNS}
      FROM MI_TASK_FENCE f
      LEFT JOIN MI_NODE_LEASE l
        ON l.GROUP_ID = f.GROUP_ID AND l.NODE_ID = f.OWNER_NODE_ID AND l.BOOT_ID = f.OWNER_BOOT_ID
     WHERE f.GROUP_ID = :group AND f.OWNER_BOOT_ID = :boot
""")  # noqa: S608 - constant text

READ_FENCE = Statement(f"""
    SELECT {_FENCE_COLUMNS}
      FROM MI_TASK_FENCE f
      LEFT JOIN MI_NODE_LEASE l
        ON l.GROUP_ID = f.GROUP_ID AND l.NODE_ID = f.OWNER_NODE_ID AND l.BOOT_ID = f.OWNER_BOOT_ID
     WHERE f.GROUP_ID = :group AND f.TASK_NAME = :task
""")  # noqa: S608 - constant text

INSERT_FENCES = BatchInsert(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("D", "ascii"), ("I", "ascii"), ("N", "ascii"), ("B", "ascii")),
    into=(
        ("GROUP_ID", "s.GROUP_ID"),
        ("TASK_NAME", "v.T"),
        ("FENCE", "{greatest}({now_ms}, s.FENCE_FLOOR + 1)"),
        ("STATE", "'NONE'"),
        ("INTENT", "v.I"),
        ("INTENT_SEQ", "0"),
        ("INTENT_DONE", "0"),
        ("DEF_HASH", "v.D"),
        ("LAST_FIRE_KEY", "-1"),
        ("FIRED_COUNT", "0"),
        ("TRIGGER_SEQ", "0"),
        ("TRIGGER_DONE", "0"),
        ("OWNER_NODE_ID", "v.N"),
        ("OWNER_BOOT_ID", "v.B"),
    ),
    source="MI_CLUSTER_SIGNAL s",
    where="s.GROUP_ID = :group",
)

COUNT_FENCES = Statement("SELECT 1", postgresql="ANALYZE MI_TASK_FENCE")
"""After many inserts: PostgreSQL plans claims by statistics, and would take a minute to notice by itself."""

_OWN_ROW = "f.GROUP_ID = :group AND f.TASK_NAME = v.T"

ASSIGN_TASKS = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("F", "bigint"), ("O", "ascii"), ("N", "ascii"), ("B", "ascii")),
    join=_OWN_ROW,
    set=(
        ("OWNER_NODE_ID", "v.N"),
        ("OWNER_BOOT_ID", "v.B"),
        ("FENCE", "f.FENCE + 1"),
        ("STATE", "CASE WHEN f.STATE = 'RUNNING' THEN 'NONE' ELSE f.STATE END"),
        ("MOVE_TO", "NULL"),
        ("ORPHAN_SINCE", "NULL"),
    ),
    where="f.FENCE = v.F AND f.OWNER_BOOT_ID {same} v.O AND f.STATE <> 'COMPLETED'",
    confirm="f.OWNER_BOOT_ID = v.B AND f.FENCE = v.F + 1",
)
"""Give orphaned tasks to their new owners: exactly the rows that were read with the leases of their owners."""

ADOPT_DEFINITIONS = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("D", "ascii"), ("N", "ascii")),
    join=_OWN_ROW,
    set=(
        ("DEF_HASH", "v.N"),
        ("ANCHOR_AT", "NULL"),
        ("ANCHOR_KEY", "NULL"),
        ("FIRED_COUNT", "0"),
        ("STATE", "CASE WHEN f.STATE = 'COMPLETED' THEN 'NONE' ELSE f.STATE END"),
    ),
    where="f.DEF_HASH = v.D",
    confirm="f.DEF_HASH = v.N",
)
"""A new definition starts its count and its grid anew, and never its intent nor its last key (8.5)."""

START_TASKS = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("F", "bigint"), ("I", "ascii"), ("Q", "bigint"), ("S", "ascii")),
    join=_OWN_ROW,
    set=(("STATE", "v.S"), ("INTENT_DONE", "v.Q")),
    where="f.FENCE = v.F AND f.OWNER_BOOT_ID = :boot AND f.INTENT = v.I AND f.INTENT_SEQ = v.Q",
    confirm="f.STATE = v.S AND f.INTENT_DONE = v.Q AND f.OWNER_BOOT_ID = :boot",
)
"""A pause that came meanwhile has raised INTENT_SEQ and cannot be overwritten."""

CLAIM = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(
        ("T", "name"),
        ("F", "bigint"),
        ("D", "ascii"),
        ("K", "bigint"),
        ("C", "bigint"),
        ("A", "bigint"),
        ("P", "ascii"),
    ),
    join=_OWN_ROW,
    set=(
        # FIRED_COUNT stands before LAST_FIRE_KEY: MySQL and MariaDB evaluate SET from left to right
        ("FIRED_COUNT", "f.FIRED_COUNT + CASE WHEN f.LAST_FIRE_KEY < v.K THEN 1 ELSE 0 END"),
        ("LAST_FIRE_KEY", "v.K"),
        ("LAST_FIRE_STATE", "'CLAIMED'"),
        ("LAST_FIRE_AT", "{now_ms}"),
        ("ANCHOR_AT", "COALESCE(v.A, f.ANCHOR_AT)"),
        ("ANCHOR_KEY", "CASE WHEN v.A IS NULL THEN f.ANCHOR_KEY ELSE v.K END"),
        ("CLAIM_ID", ":claim"),
    ),
    where="""f.OWNER_BOOT_ID = :boot AND f.FENCE = v.F AND f.DEF_HASH = v.D AND f.INTENT = 'RUN' AND (
        (f.LAST_FIRE_KEY < v.K AND (v.C < 0 OR f.FIRED_COUNT < v.C)) OR
        (f.LAST_FIRE_KEY = v.K AND f.LAST_FIRE_STATE = 'CLAIMED' AND (f.CLAIM_ID = :claim OR f.CLAIM_ID = v.P)))""",
    confirm="f.CLAIM_ID = :claim AND f.LAST_FIRE_STATE = 'CLAIMED'",
)
"""Take one occurrence of each task: at most once, by whoever holds the fence; sent again it changes nothing (8.6)."""

FINISH_FIRES = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("F", "bigint"), ("K", "bigint"), ("C", "ascii"), ("S", "ascii")),
    join=_OWN_ROW,
    set=(("LAST_FIRE_STATE", "v.S"),),
    where="f.FENCE = v.F AND f.LAST_FIRE_KEY = v.K AND f.CLAIM_ID = v.C",
    confirm="f.LAST_FIRE_STATE = v.S AND f.CLAIM_ID = v.C",
)

_KNOWN_END = (
    "CASE WHEN f.LAST_FIRE_KEY = v.K THEN COALESCE(v.S, f.LAST_FIRE_STATE) ELSE f.LAST_FIRE_STATE END"
)
"""A claim whose answer was lost may stand in the row: what is known of an older key says nothing about it."""

COMPLETE_TASKS = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("F", "bigint"), ("D", "ascii"), ("K", "bigint"), ("S", "ascii")),
    join=_OWN_ROW,
    set=(
        ("STATE", "'COMPLETED'"),
        ("LAST_FIRE_STATE", _KNOWN_END),
        ("OWNER_NODE_ID", "NULL"),
        ("OWNER_BOOT_ID", "NULL"),
        ("FENCE", "f.FENCE + 1"),
    ),
    where="f.FENCE = v.F AND f.OWNER_BOOT_ID = :boot AND f.DEF_HASH = v.D",
    confirm="f.STATE = 'COMPLETED' AND f.FENCE = v.F + 1",
)

RELEASE_TASKS = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("F", "bigint"), ("K", "bigint"), ("S", "ascii"), ("N", "ascii"), ("B", "ascii")),
    join=_OWN_ROW,
    set=(
        ("STATE", "CASE WHEN f.STATE = 'RUNNING' THEN 'NONE' ELSE f.STATE END"),
        ("LAST_FIRE_STATE", _KNOWN_END),
        ("OWNER_NODE_ID", "v.N"),
        ("OWNER_BOOT_ID", "v.B"),
        ("FENCE", "f.FENCE + 1"),
        ("MOVE_TO", "NULL"),
    ),
    where="f.FENCE = v.F AND f.OWNER_BOOT_ID = :boot",
    confirm="f.OWNER_BOOT_ID {same} v.B AND f.FENCE = v.F + 1",
)
"""Give up my tasks, in one hop to their heirs; without an heir nobody owns them."""

MOVE_TASKS = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("F", "bigint"), ("N", "ascii")),
    join=_OWN_ROW,
    set=(("MOVE_TO", "v.N"),),
    where="f.FENCE = v.F",
    confirm="f.MOVE_TO {same} v.N AND f.FENCE = v.F",
)
"""Ask owners to hand tasks over, or not to any more."""

RAISE_TO_REMEMBERED = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("F", "bigint"), ("K", "bigint"), ("C", "bigint")),
    join=_OWN_ROW,
    set=(
        ("FIRED_COUNT", "{greatest}(f.FIRED_COUNT, v.C)"),
        ("LAST_FIRE_KEY", "{greatest}(f.LAST_FIRE_KEY, v.K)"),
        ("OWNER_NODE_ID", "NULL"),
        ("OWNER_BOOT_ID", "NULL"),
        ("FENCE", "{greatest}(f.FENCE, v.F) + 1"),
    ),
    where="f.FENCE <= v.F OR f.LAST_FIRE_KEY < v.K",
    confirm="f.OWNER_BOOT_ID IS NULL AND f.FENCE > v.F AND f.LAST_FIRE_KEY >= v.K",
)
"""After a restored backup: no key that a process remembers is given again, however new the row may be."""

PUBLISHED_HERE = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"),),
    join=_OWN_ROW,
    set=(("ORPHAN_SINCE", "NULL"),),
    where="f.ORPHAN_SINCE IS NOT NULL",
    confirm="f.ORPHAN_SINCE IS NULL",
)

ORPHANED_TASKS = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"),),
    join=_OWN_ROW,
    set=(("ORPHAN_SINCE", "{now_ms}"),),
    where="f.ORPHAN_SINCE IS NULL AND f.OWNER_NODE_ID IS NULL",
    confirm="f.ORPHAN_SINCE IS NOT NULL",
)

DELETE_ORPHAN = Statement("""
    DELETE FROM MI_TASK_FENCE
     WHERE GROUP_ID = :group AND TASK_NAME = :task AND FENCE = :fence AND ORPHAN_SINCE = :since
       AND OWNER_NODE_ID IS NULL
       AND NOT EXISTS (
           SELECT 1 FROM MI_NODE_DEPLOYMENT d
             JOIN MI_NODE_LEASE l ON l.GROUP_ID = d.GROUP_ID AND l.NODE_ID = d.NODE_ID AND l.BOOT_ID = d.BOOT_ID
            WHERE d.GROUP_ID = :group AND {position}(d.TASKS, :published) > 0
              AND (l.STATUS IN ('JOINING', 'ACTIVE', 'DRAINING') OR l.RENEWED_AT > {now_ms} - :grace))
""")
"""`published` is how a publication begins to speak of the task. Deployed again meanwhile, the row stays."""

# what operators want

SET_INTENT = Statement("""
    UPDATE MI_TASK_FENCE
       SET INTENT = :intent, INTENT_SEQ = INTENT_SEQ + 1
     WHERE GROUP_ID = :group AND TASK_NAME = :task AND INTENT_SEQ = :seen
""")

REVIVE_COMPLETED = Statement("""
    UPDATE MI_TASK_FENCE
       SET INTENT = 'RUN', INTENT_SEQ = INTENT_SEQ + 1, STATE = 'NONE', FIRED_COUNT = 0, ANCHOR_AT = NULL,
           ANCHOR_KEY = NULL
     WHERE GROUP_ID = :group AND TASK_NAME = :task AND INTENT_SEQ = :seen AND STATE = 'COMPLETED'
""")

REQUEST_TRIGGER = Statement("""
    UPDATE MI_TASK_FENCE
       SET TRIGGER_SEQ = TRIGGER_SEQ + 1, TRIGGER_AT = {now_ms}
     WHERE GROUP_ID = :group AND TASK_NAME = :task AND TRIGGER_SEQ = :seen AND STATE <> 'COMPLETED'
""")

CLAIM_TRIGGER = Statement("""
    UPDATE MI_TASK_FENCE
       SET TRIGGER_DONE = :number, TRIGGER_CLAIM = :claim
     WHERE GROUP_ID = :group AND TASK_NAME = :task AND FENCE = :fence AND OWNER_BOOT_ID = :boot
       AND TRIGGER_SEQ >= :number
       AND (TRIGGER_DONE < :number OR (TRIGGER_DONE = :number AND TRIGGER_CLAIM = :claim))
""")

END_TRIGGER = Statement("""
    UPDATE MI_TASK_FENCE
       SET TRIGGER_CLAIM = NULL
     WHERE GROUP_ID = :group AND TASK_NAME = :task AND FENCE = :fence AND TRIGGER_CLAIM = :claim
""")

RESET_LAST_KEY = Statement("""
    UPDATE MI_TASK_FENCE
       SET LAST_FIRE_KEY = {now_ms}, LAST_FIRE_STATE = NULL, CLAIM_ID = NULL, ANCHOR_AT = NULL, ANCHOR_KEY = NULL
     WHERE GROUP_ID = :group AND TASK_NAME = :task AND FENCE = :fence AND INTENT = 'PAUSE'
""")
"""The operator's way back from keys that a wrong database clock has pushed into the future."""
