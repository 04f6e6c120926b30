"""What is told of the databases of deployment.toml, over real HTTPS."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from integration.management.managed import READER, Managed, managed

from micro_integrator.config import DataSourceSettings, Place, PoolOptions

ORDERS = DataSourceSettings(
    id="OrdersDB",
    url="jdbc:mysql://db.example:3306/orders?user=ada&password=s3cret-of-url",
    username="ada",
    password="s3cret-of-db",
    driver="com.mysql.cj.jdbc.Driver",
    pool_options=PoolOptions(max_active=20, max_wait=None, connection_properties={"key": "s3cret-of-pool"}),
    place=Place("conf/deployment.toml", 12),
)
BILLS = DataSourceSettings(id="BillsDB", url="jdbc:sqlite:bills.db")


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Managed]:
    sources = {source.id: source for source in (ORDERS, BILLS)}
    async with managed(tmp_path / "home", data_sources=sources) as opened:
        yield opened


async def test_data_sources_are_listed_by_name(api: Managed) -> None:
    told = (await api.get("/data-sources", READER)).json()
    assert told["count"] == 2
    assert told["list"] == [
        {"name": name, "type": "RDBMS", "carbonApp": None, "file": "conf/deployment.toml"}
        for name in ("BillsDB", "OrdersDB")
    ]
    assert (await api.get("/data-sources?searchKey=ord")).json()["count"] == 1


async def test_one_data_source_is_told_with_its_pool(api: Managed) -> None:
    told = (await api.get("/data-sources?name=OrdersDB")).json()
    assert (told["driverClass"], told["userName"]) == ("com.mysql.cj.jdbc.Driver", "ada")
    assert told["url"] == "jdbc:mysql://db.example:3306/orders?user=ada&password=*****"
    assert told["configurationParameters"] == {
        "isDefaultAutoCommit": True,
        "isDefaultReadOnly": False,
        "removeAbandoned": False,
        "validationQuery": None,
        "validationQueryTimeout": -1,
        "maxActive": 20,
        "maxIdle": 10,
        "maxWait": -1,
        "maxAge": 0,
    }
    assert told["configuration"].splitlines() == [
        "[[datasource]]",
        'id = "OrdersDB"',
        'url = "jdbc:mysql://db.example:3306/orders?user=ada&password=*****"',
        'username = "ada"',
        'password = "*****"',
        'driver = "com.mysql.cj.jdbc.Driver"',
    ]


async def test_the_pool_of_a_data_source_waits_and_ages_in_milliseconds(api: Managed) -> None:
    told = (await api.get("/data-sources?name=BillsDB")).json()["configurationParameters"]
    assert (told["maxActive"], told["maxWait"]) == (100, 30_000)


async def test_no_password_of_a_data_source_is_told_to_anybody(api: Managed) -> None:
    for path in ("/data-sources", "/data-sources?name=OrdersDB"):
        assert "s3cret" not in (await api.get(path)).text


async def test_a_data_source_that_is_not_there_is_404(api: Managed) -> None:
    answer = await api.get("/data-sources?name=ordersdb")
    assert (answer.status_code, answer.json()["Error"]) == (404, "There is no data source 'ordersdb'")
