"""Sequences and endpoints out of the registry: where no deployed one has the key."""

from dataclasses import dataclass, field, replace

import pytest
from unit.synapse.synapse_lab import (
    SYNAPSE,
    TasksHeld,
    Trial,
    artifacts_of,
    engine_with,
    fire,
    sequence,
    tried,
)

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Body, Engine, Entry, Headers, Request, Response, Surroundings, Terms
from micro_integrator.synapse.ports import NoRegistry

KEY = "conf:/flows/a.xml"
SETS_P = '<property name="p" value="of the registry"/>'


class Shelf(NoRegistry):
    """A registry with one resource, under KEY, or none."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text

    def read(self, key: str) -> bytes | None:
        return self.text.encode() if key == KEY and self.text is not None else None


@dataclass
class Mailbox:
    """A sender that answers everything, and remembers where it went."""

    urls: list[str] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        self.urls.append(request.url)
        return Response(200, "OK", Headers(), Body())


async def run(mediators: str, resource: str, *others: str) -> Trial:
    return await tried(mediators, others=others, surroundings=Surroundings(registry=Shelf(resource)))


def engine(shelf: Shelf, mediators: str) -> tuple[Engine, Mailbox]:
    found, mailbox = engine_with(sequence(mediators), surroundings=Surroundings(registry=shelf)), Mailbox()
    found.senders["http"] = mailbox
    return found, mailbox


@pytest.mark.parametrize("attributes", ["", 'name="anything"'])
async def test_a_key_of_the_registry_leads_to_the_sequence_in_it(attributes: str) -> None:
    resource = f"<sequence {SYNAPSE} {attributes}>{SETS_P}</sequence>"
    trial = await run(f'<sequence key="{KEY}"/>', resource)
    assert trial.properties["p"] == "of the registry"


@pytest.mark.parametrize(
    "mediators",
    [
        f'<filter xpath="true()"><then sequence="{KEY}"/></filter>',
        "<sequence key=\"{concat('conf:','/flows/a.xml')}\"/>",
        '<sequence key="failing"/>',
    ],
)
async def test_it_may_stand_wherever_a_sequence_is_named(mediators: str) -> None:
    failing = sequence('<sequence key="nowhere"/>', "failing", f'onError="{KEY}"')
    trial = await run(mediators, sequence(SETS_P, "a"), failing)
    assert trial.properties["p"] == "of the registry"


async def test_a_deployed_sequence_goes_before_one_of_the_registry() -> None:
    deployed = sequence('<property name="p" value="deployed"/>', KEY)
    trial = await run(f'<sequence key="{KEY}"/>', sequence(SETS_P, "a"), deployed)
    assert trial.properties["p"] == "deployed"


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("<sequence", "cannot be used: "),
        ("plain text", "cannot be used: "),
        (sequence("<lag/>", "a"), "cannot be used: unknown mediator <lag>"),
        (f"<definitions {SYNAPSE}/>", "cannot be used: 0 artifacts instead of one"),
        (f'<localEntry {SYNAPSE} key="a">b</localEntry>', f"Sequence named {KEY} cannot be found"),
    ],
)
async def test_what_is_no_sequence_is_a_fault_that_says_why(resource: str, reason: str) -> None:
    for _ in range(2):
        trial = await run(f'<sequence key="{KEY}"/>', resource)
        assert reason in trial.error


async def test_a_changed_resource_is_read_anew_and_one_that_is_gone_is_a_fault() -> None:
    shelf = Shelf(sequence(SETS_P, "a"))
    found, _ = engine(shelf, f'<sequence key="{KEY}"/>')
    assert found.shared.branch(KEY) is found.shared.branch(KEY)
    shelf.text = sequence('<property name="p" value="later"/>', "a")
    message = found.message()
    await found.inject(Entry("tried"), message)
    assert message.default["p"] == "later"
    shelf.text = None
    outcome = await found.inject(Entry("tried"), found.message())
    assert f"Sequence named {KEY} cannot be found" in str(outcome.error)


@pytest.mark.parametrize("how", [f'key="{KEY}"', f"key-expression=\"'{KEY}'\""])
async def test_an_endpoint_of_the_registry_is_called_and_keeps_its_state(how: str) -> None:
    resource = f'<endpoint {SYNAPSE}><address uri="http://$HOST/a"/></endpoint>'
    found, mailbox = engine(Shelf(resource), f"<call><endpoint {how}/></call>")
    found.shared.terms = replace(Terms(), resolve=lambda text: text.replace("$HOST", "h"))
    outcome = await found.inject(Entry("tried"), found.message())
    assert outcome.error is None
    assert mailbox.urls == ["http://h/a"]
    assert found.shared.endpoint(KEY) is found.shared.endpoint(KEY)


async def test_an_endpoint_that_is_nowhere_is_a_fault_that_names_its_key() -> None:
    found, _ = engine(Shelf(), f'<call><endpoint key="{KEY}"/></call>')
    outcome = await found.inject(Entry("tried"), found.message())
    assert f"Couldn't find the endpoint with the key : {KEY}" in str(outcome.error)


async def test_a_task_may_name_a_sequence_of_the_registry() -> None:
    texts = (("injectTo", "sequence"), ("sequenceName", KEY))
    named = "".join(f'<property name="{name}" value="{text}"/>' for name, text in texts)
    definition = f'<task {SYNAPSE} name="t">{named}<property name="message"><a xmlns=""/></property></task>'
    logs = '<log level="custom"><property name="ran" value="it"/></log>'
    found, _ = engine(Shelf(sequence(logs, "a")), "<drop/>")
    [made] = artifacts_of(definition)
    await made.activate(found)
    assert isinstance(found.tasks, TasksHeld)
    with recorded_lines() as lines:
        await found.tasks.tasks["t"].body(fire())
    assert "ran = it" in lines.texts()
