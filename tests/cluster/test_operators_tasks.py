"""Tasks that are started, placed and looked after by code and settings of the user's."""

from harness import Group, Home, Sink, on, task_xml, wait_until

REFUSED = "Task [job] could not be started here; refused until redeployed: no link"
JOB = """
from urllib.request import urlopen

class Job:
    started = 0

    async def start(self):
        if {fails}:
            raise RuntimeError("no link")
        self.started += 1

    def execute(self):
        urlopen("{url}/fired?task=job&fence=0&node={node}&key=" + str(self.started)).close()
"""
PLACEMENT = """
class Placement:
    def init(self, properties):
        self.node = properties["node"]

    def get_task_node_location(self, view, task_name):
        return self.node if self.node in view.candidates[task_name] else None
"""


def _with_job(home: Home, sink: Sink, *, fails: bool) -> None:
    home.add_module("jobs", JOB.format(fails=fails, url=sink.url, node=home.name))
    home.deploy("job", task_xml("job", every=1, task_class="jobs:Job"))


@on("sqlite", because="a start has nothing to do with the kind of the database")
def test_a_class_that_cannot_start_on_one_node_runs_on_another_one(group: Group) -> None:
    broken, sound, sink = group.home("node-1"), group.home("node-2"), group.sink
    _with_job(broken, sink, fails=True)
    _with_job(sound, sink, fails=False)
    node = broken.start()
    node.wait_logged(" WARN ", "Start of task [job] failed, trying again in 1 s: no link")
    heir = sound.start()
    node.wait_logged(" WARN ", REFUSED)
    assert [
        line.partition("trying again in ")[2].partition(" s")[0] for line in node.lines("trying again in")
    ] == [
        "1",
        "5",
        "15",
    ]
    sink.wait_for(2, "job")
    assert {(arrival.node, arrival.key) for arrival in sink.of("job")} == {("node-2", 1)}
    assert heir.lines("Task scheduled: [ESB_TASK][job].")

    back = heir.control("task", "move", "job", "node-1")
    assert "Task [job] could not be started on node [node-1]; deploy it there again first" in back.stderr
    broken.add_module("jobs2", JOB.format(fails=False, url=sink.url, node="node-1"))
    broken.deploy("job", task_xml("job", every=1, task_class="jobs2:Job"))
    node.wait_logged("StartupTask: job has been updated")
    wait_until(
        lambda: heir.control("task", "move", "job", "node-1").returncode == 0, "a move to the mended node"
    )
    sink.wait_for_more(2, "job")
    assert sink.of("job")[-1].node == "node-1"


@on("sqlite", because="a resolver has nothing to do with the kind of the database")
def test_a_resolver_in_lib_chooses_the_node_and_wrong_ones_are_found_before_anything_is_opened(
    group: Group,
) -> None:
    chosen = {"task_handling": {"resolver_class": "placement:Placement"}}
    homes = [group.home(name, settings=chosen) for name in ("node-1", "node-2")]
    broken = homes[0].root / "conf" / "deployment.toml"
    for home in homes:
        home.add_module("placement", PLACEMENT)
        toml = home.root / "conf" / "deployment.toml"
        toml.write_text(toml.read_text() + '[[task_resolver]]\nnode = "node-2"\n')
    group.deploy("beat", task_xml("beat", every=1))
    nodes = [home.start() for home in homes]
    group.sink.wait_for(2)
    assert {arrival.node for arrival in group.sink.arrivals} == {"node-2"}
    assert nodes[0].control("check").returncode == 0

    nodes[0].stop()
    broken.write_text(broken.read_text().replace("placement:Placement", "placement:Place"))
    line = broken.read_text().splitlines().index('resolver_class = "placement:Place"') + 1
    problem = f"conf/deployment.toml:{line}: [task_handling] resolver_class = 'placement:Place': module"
    found = nodes[0].control("check")
    assert (found.returncode, problem in found.stdout) == (3, True), found.stdout
    refused = homes[0].begin()
    assert refused.wait() == 3
    assert problem in refused.log()
    assert not refused.lines("Internal HTTP listener is open")


def test_a_lease_task_has_one_node_at_a_time_and_writes_nothing(group: Group) -> None:
    one, other, sink = group.home("node-1"), group.home("node-2"), group.sink
    group.deploy("poll", task_xml("poll", every=1, fire_mode="lease"))
    first = one.start()
    sink.wait_for(2)
    other.start()
    sink.wait_for_more(1)
    assert first.stop() == 0
    sink.wait_for_more(2)
    assert [tenure.node for tenure in sink.tenures("poll")] == ["node-1", "node-2"]
    assert sink.rivals("poll") == []
    assert {(arrival.key, arrival.trigger_seq) for arrival in sink.arrivals} == {(None, None)}
    assert sink.stale("poll") == []
    row = group.row("poll")
    assert row is not None
    assert (row.last_key, row.last_state, row.fired_count) == (-1, None, 0)
