"""How often a batch goes to the database and back: on a slow way each time counts."""

import time

from harness import Proxy

from micro_integrator.database import BatchUpdate, Connection, DataSource, Statement

EACH_WAY = 0.3
CREATE = Statement("CREATE TABLE BEATS (TASK_NAME VARCHAR(50) PRIMARY KEY, NUMBER BIGINT)")
INSERT = Statement("INSERT INTO BEATS (TASK_NAME, NUMBER) VALUES ('beat', 0)")
BATCH = BatchUpdate(
    table="BEATS",
    columns=(("T", "name"), ("N", "bigint")),
    join="f.TASK_NAME = v.T",
    set=(("NUMBER", "v.N"),),
    where="f.NUMBER <> v.N",
    confirm="f.NUMBER = v.N",
)


async def test_the_first_batch_on_a_fresh_connection_takes_two_exchanges_at_most(
    far: DataSource, direct: Connection, proxy: Proxy
) -> None:
    await direct.changed(CREATE)
    await direct.changed(INSERT)
    fresh = await far.connect()
    proxy.delay(EACH_WAY)
    began = time.monotonic()
    assert await fresh.update_batch(BATCH, [{"T": "beat", "N": 1}]) == {"beat"}
    assert time.monotonic() - began < 3 * 2 * EACH_WAY, "it would be six, were the types of arrays asked for"
    proxy.heal()
    await fresh.close()
