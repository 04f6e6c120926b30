"""What is told of the artifacts of a real home, over real HTTPS."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from integration.management.managed import READER, Line, Managed, managed
from unit.deployment.applications import NAMESPACE, sequence, task

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.management.rest import api as api_module
from micro_integrator.observability import recorded_lines

API = f"""<api {NAMESPACE} name="Orders" context="/orders" version="1.2" version-type="url">
  <resource methods="GET HEAD" uri-template="/{{id}}"><inSequence><respond/></inSequence></resource>
  <resource><inSequence><respond/></inSequence></resource>
</api>"""
ENDPOINT = f"""<endpoint {NAMESPACE} name="Billing">
  <http method="get" uri-template="http://127.0.0.1:1/bills/{{uri.var.id}}">
    <timeout><duration>5000</duration><responseAction>fault</responseAction></timeout>
    <suspendOnFailure><initialDuration>1000</initialDuration><maximumDuration>60000</maximumDuration></suspendOnFailure>
    <markForSuspension><errorCodes>101503</errorCodes><retriesBeforeSuspension>2</retriesBeforeSuspension></markForSuspension>
  </http>
</endpoint>"""
TASK = f"""<task {NAMESPACE} name="order-poll">
  <trigger interval="5" count="3"/>
  <property name="sequenceName" value="order-seq"/>
  <property name="message"><order xmlns="">1</order></property>
</task>"""


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Managed]:
    async with managed(tmp_path / "home") as opened:
        yield opened


async def test_a_list_has_all_artifacts_of_the_kind_by_name_and_where_they_came_from(api: Managed) -> None:
    api.node.write("b.xml", sequence("beta"))
    api.node.write("orders/a.xml", sequence("alpha"))
    api.node.write("poll.xml", task("poll"))
    await api.node.start()
    answer = await api.get("/sequences")
    assert answer.json() == {
        "count": 2,
        "list": [
            {
                "name": "alpha",
                "container": "orders",
                "stats": "disabled",
                "tracing": "disabled",
                "carbonApp": "orders",
                "file": "carbonapps/orders/a.xml",
            },
            {
                "name": "beta",
                "container": "default",
                "stats": "disabled",
                "tracing": "disabled",
                "carbonApp": "default",
                "file": "carbonapps/b.xml",
            },
        ],
    }


async def test_one_sequence_is_told_with_its_mediators_and_its_text(api: Managed) -> None:
    api.node.write("a.xml", sequence("alpha", '<log level="full"/><drop/>'))
    await api.node.start()
    told = (await api.get("/sequences?sequenceName=alpha")).json()
    assert told["mediators"] == ["log", "drop"]
    assert told["configuration"].startswith("<sequence xmlns=")
    assert told["fingerprint"].startswith("v1:sha256:")
    assert told["deployedAt"][:2] == "20"
    first = told["fingerprint"]
    api.node.write("a.xml", sequence("alpha"), age=50)
    await api.node.look()
    assert (await api.get("/sequences?sequenceName=alpha")).json()["fingerprint"] != first


@pytest.mark.parametrize(
    "path",
    ["/sequences?sequenceName=x", "/tasks?taskName=x", "/apis?apiName=x", "/proxy-services?proxyServiceName=x",
     "/message-processors?messageProcessorName=x", "/applications?carbonAppName=../../conf/deployment.toml"],
)  # fmt: skip
async def test_what_is_not_there_is_404_with_a_reason(api: Managed, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["Error"].startswith("There is no ")


@pytest.mark.parametrize(
    "path",
    ["/proxy-services", "/message-processors", "/message-stores", "/inbound-endpoints", "/templates",
     "/templates?type=sequence", "/connectors", "/data-services", "/data-sources"],
)  # fmt: skip
async def test_kinds_that_cannot_be_deployed_yet_have_empty_lists(api: Managed, path: str) -> None:
    assert (await api.get(path)).json() == {"count": 0, "list": []}


@pytest.mark.parametrize("path", ["/nowhere", "/sequences/", "/sequences/alpha"])
async def test_paths_that_are_not_there_are_404(api: Managed, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_changed_yet(api: Managed, method: str) -> None:
    token = await api.token()
    answer = await api.client.request(method, "/tasks", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 405
    assert answer.json() == {"Error": "Method Not Allowed", "code": 405}
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_a_body_is_passed_over_and_its_sender_is_told_what_is_wrong(api: Managed) -> None:
    bearer = {"Authorization": f"Bearer {await api.token()}"}
    for size in (20_000, 2_000_000):
        answer = await api.client.post("/applications", headers=bearer, content=bytes(size))
        assert answer.status_code == 405
        assert (await api.client.get("/tasks", headers=bearer)).status_code == 200


async def test_an_api_is_told_with_all_its_addresses_and_resources(api: Managed) -> None:
    api.node.write("api.xml", API)
    await api.node.start()
    urls = {
        "url": "http://localhost:8290/orders/1.2",
        "urlList": ["http://localhost:8290/orders/1.2", "https://localhost:8253/orders/1.2"],
    }
    (row,) = (await api.get("/apis")).json()["list"]
    assert row == {
        "name": "Orders:v1.2",
        **urls,
        "tracing": "disabled",
        "carbonApp": "default",
        "file": "carbonapps/api.xml",
    }
    told = (await api.get("/apis?apiName=Orders:v1.2")).json()
    assert told.items() >= urls.items()
    assert (told["version"], told["context"], told["host"], told["port"]) == ("1.2", "/orders", None, -1)
    assert told["resources"] == [
        {"methods": ["GET", "HEAD"], "url": "/{id}"},
        {"methods": ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"], "url": "N/A"},
    ]


@pytest.mark.parametrize(
    ("attributes", "urls"),
    [
        ('transports="https"', ["https://localhost:8253/orders"]),
        ('hostname="esb.example"', ["http://esb.example:8290/orders", "https://esb.example:8253/orders"]),
        ('hostname="esb.example" port="80" transports="http"', ["http://esb.example:80/orders"]),
    ],
)
async def test_the_addresses_of_an_api_are_those_at_which_it_answers(
    api: Managed, attributes: str, urls: list[str]
) -> None:
    inside = "<resource><inSequence><respond/></inSequence></resource>"
    api.node.write("api.xml", f'<api {NAMESPACE} name="Orders" context="/orders" {attributes}>{inside}</api>')
    await api.node.start()
    told = (await api.get("/apis?apiName=Orders")).json()
    assert (told["url"], told["urlList"]) == (urls[0], urls)


async def test_an_endpoint_is_told_with_its_limits_as_they_are_written(api: Managed) -> None:
    api.node.write("endpoint.xml", ENDPOINT)
    api.node.write("other.xml", f'<endpoint {NAMESPACE} name="Other" key="Billing"/>')
    await api.node.start()
    rows = (await api.get("/endpoints")).json()["list"]
    assert [(row["name"], row["type"], row["isActive"]) for row in rows] == [
        ("Billing", "http", True),
        ("Other", "indirect", True),
    ]
    told = (await api.get("/endpoints?endpointName=Billing")).json()
    assert (told["type"], told["method"]) == ("HTTP Endpoint", "get")
    assert told["uriTemplate"] == "http://127.0.0.1:1/bills/{uri.var.id}"
    assert told["advanced"] == {
        "timeout": {"duration": "5000", "action": "fault"},
        "suspendState": {"initialDuration": "1000", "maxDuration": "60000"},
        "timeoutState": {"errorCodes": "101503", "retries": "2"},
    }
    assert (await api.get("/endpoints?endpointName=Other")).json()["type"] == "Indirect Endpoint"


async def test_a_suspended_endpoint_is_not_active(api: Managed) -> None:
    api.node.write("endpoint.xml", ENDPOINT)
    await api.node.start()
    found = api.node.engine.graph.find("entry", "Billing")
    health = found.endpoint.health  # type: ignore[union-attr]
    health.failed(health.admit(), 101500, "http://127.0.0.1:1")
    assert (await api.get("/endpoints")).json()["list"][0]["isActive"] is False


@pytest.mark.parametrize(
    ("inside", "attributes", "kind", "value"),
    [
        (" EUR ", "", "Inline Text", "EUR"),
        ('<order xmlns=""><id>1</id></order>', "", "Inline XML", '<order xmlns=""><id>1</id></order>'),
    ],
)
async def test_a_local_entry_is_told_with_its_value(
    api: Managed, inside: str, attributes: str, kind: str, value: str
) -> None:
    api.node.write("e.xml", f'<localEntry {NAMESPACE} key="entry"{attributes}>{inside}</localEntry>')
    await api.node.start()
    assert (await api.get("/local-entries")).json()["list"][0]["type"] == kind
    told = (await api.get("/local-entries?name=entry")).json()
    assert (told["type"], told["value"], told["description"]) == (kind, value, "")


async def test_a_task_is_told_as_it_is_written_and_as_it_runs(api: Managed) -> None:
    api.node.write("task.xml", TASK)
    await api.node.start()
    api.tasks.lines = [Line("order-poll")]
    state = {
        "status": "active",
        "runningOn": "node-1",
        "destinedNode": "node-1",
        "coordinated": True,
        "lastRun": "2023-11-14T22:13:15.500+00:00",
        "nextRun": "2023-11-14T22:13:20.500+00:00",
        "lastResult": "DONE",
        "runs": 8,
        "failures": 1,
    }
    (row,) = (await api.get("/tasks")).json()["list"]
    assert row == {"name": "order-poll", **state, "carbonApp": "default", "file": "carbonapps/task.xml"}
    told = (await api.get("/tasks?taskName=order-poll")).json()
    assert told.items() >= state.items()
    assert told["taskGroup"] == "synapse.simple.quartz"
    assert told["implementation"] == "org.apache.synapse.startup.tasks.MessageInjector"
    assert (told["triggerType"], told["triggerCount"], told["triggerInterval"]) == ("simple", "3", "5000")
    assert told["properties"] == [
        {"name": "sequenceName", "value": "order-seq"},
        {"name": "message", "value": '<order xmlns="">1</order>'},
    ]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (Line("poll"), "active"),
        (Line("poll", intent="PAUSE"), "paused"),
        (Line("poll", owner=None), "waiting"),
        (Line("poll", state="COMPLETED"), "waiting"),
        (Line("another"), "waiting"),
    ],
)
async def test_the_status_of_a_task_is_what_the_group_knows(api: Managed, line: Line, status: str) -> None:
    api.node.write("poll.xml", task("poll"))
    await api.node.start()
    api.tasks.lines = [line]
    assert (await api.get("/tasks")).json()["list"][0]["status"] == status


@pytest.mark.parametrize("owner", ["standalone", None])
async def test_a_pinned_task_runs_on_this_node_or_nowhere(api: Managed, owner: str | None) -> None:
    api.node.write(
        "pinned.xml",
        f'<task {NAMESPACE} name="pinned" pinnedServers="localhost"><trigger once="true"/></task>',
    )
    await api.node.start()
    api.tasks.lines = [Line("pinned", owner=owner)]
    (row,) = (await api.get("/tasks")).json()["list"]
    assert (row["runningOn"], row["coordinated"]) == (owner and "node-1", False)


async def test_a_cron_task_is_told_with_its_expression(api: Managed) -> None:
    text = f'<task {NAMESPACE} name="nightly"><trigger cron="0 30 2 * * ?"/></task>'
    api.node.write("task.xml", text)
    await api.node.start()
    told = (await api.get("/tasks?taskName=nightly")).json()
    assert (told["triggerType"], told["cronExpression"]) == ("cron", "0 30 2 * * ?")
    assert "triggerInterval" not in told


async def test_without_the_database_tasks_are_told_without_their_state(
    api: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.node.write("poll.xml", task("poll"))
    await api.node.start()
    api.tasks.error = MicroIntegratorError("The coordination database does not answer")
    assert (await api.get("/tasks")).json()["list"][0]["runningOn"] is None

    async def never() -> list[Line]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(api_module, "STATE_LIMIT", 0.05)
    monkeypatch.setattr(api.tasks, "list", never)
    assert (await api.get("/tasks")).json()["count"] == 1


async def test_names_are_searched_and_lists_are_shown_page_by_page(api: Managed) -> None:
    for name in ("orders", "orders-failed", "billing"):
        api.node.write(f"{name}.xml", sequence(name))
    await api.node.start()
    shown = (await api.get("/sequences?searchKey=ORD&limit=1&offset=1")).json()
    assert shown["count"] == 2
    assert [row["name"] for row in shown["list"]] == ["orders-failed"]
    refused = await api.get("/sequences?limit=all")
    assert refused.status_code == 400
    assert refused.json()["Error"] == "limit = 'all': expected a whole number from 0 on"


async def test_the_server_is_told(api: Managed) -> None:
    told = (await api.get("/server", READER)).json()
    assert told["productName"] == "WSO2 Micro Integrator"
    assert told["productVersion"] == "9.8.7"
    assert told["carbonHome"] == str(api.node.root)
    assert told["nodeId"] == "node-1"
    assert told["javaVersion"] == told["pythonVersion"]
    assert told["uptimeSeconds"] >= 0


async def test_an_artifact_nobody_can_look_into_is_one_line_in_the_log_and_an_answer(
    api: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.node.write("a.xml", sequence("alpha"))
    await api.node.start()
    artifact = api.node.engine.graph.find("entry", "alpha")
    assert artifact is not None
    monkeypatch.setattr(artifact, "origin", None)
    with recorded_lines() as lines:
        answer = await api.get("/sequences")
    assert answer.status_code == 500
    assert answer.json()["Error"] == "The call failed unexpectedly; see the log of the node"
    assert len([line for line in lines.texts() if "failed" in line]) == 1
    assert (await api.get("/tasks")).status_code == 200


async def test_a_thousand_artifacts_are_listed_quickly(api: Managed) -> None:
    api.node.write(
        "all.xml", f"<definitions {NAMESPACE}>{''.join(sequence(f's{n}') for n in range(1000))}</definitions>"
    )
    await api.node.start()
    async with asyncio.timeout(10):
        assert (await api.get("/sequences")).json()["count"] == 1000
