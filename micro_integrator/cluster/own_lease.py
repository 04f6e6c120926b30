"""Statements about the lease row of this very node, on whatever connection the lease thread has at hand."""

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.identity import Identity
from micro_integrator.cluster.lease import LeaseRow, Tenure
from micro_integrator.database import Connection


class OwnLease:
    """My row in MI_NODE_LEASE. Methods raise DatabaseError."""

    def __init__(self, identity: Identity) -> None:
        self._mine = {"group": identity.group_id, "node": identity.node_id}

    async def read(self, connection: Connection) -> LeaseRow | None:
        """Return the row, whoever holds it."""
        rows = await connection.rows(sql.READ_LEASE, **self._mine)
        return LeaseRow(*rows[0]) if rows else None

    async def renew(
        self,
        connection: Connection,
        tenure: Tenure,
        number: int,
        *,
        deploy_seq: int,
        endpoint: str | None,
        info: str,
    ) -> bool:
        """Send attempt `number` (L2); whether it met the row."""
        changed = await connection.changed(
            sql.RENEW_LEASE,
            **self._mine,
            boot=tenure.boot_id,
            epoch=tenure.epoch,
            confirmed=tenure.confirmed,
            number=number,
            deploy_seq=deploy_seq,
            endpoint=endpoint,
            info=info,
        )
        return changed == 1

    async def set_status(self, connection: Connection, tenure: Tenure, status: str) -> None:
        """Move STATUS on, while the row is mine."""
        await connection.changed(
            sql.SET_LEASE_STATUS, **self._mine, boot=tenure.boot_id, epoch=tenure.epoch, status=status
        )

    async def resign(self, connection: Connection) -> None:
        """Leave the leader row to others: who joins does not lead yet."""
        await connection.changed(sql.RESIGN, **self._mine)

    async def wire_key(self, connection: Connection) -> str:
        """Return the key by which the members of the group know each other on the wire."""
        [[key]] = await connection.rows(sql.READ_WIRE_KEY, group=self._mine["group"])
        return str(key)
