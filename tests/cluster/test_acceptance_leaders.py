"""A leader that is stuck: in the user's resolver, or in a deployment that does not end."""

import time

from harness import CLEAN, FAST_WINDOW, Fleet, Group, Node, on, takeover_within, task_xml, tried, wait_until

pytestmark = on("postgresql", "mariadb", because="nodes that reach the database by proxies of their own")

BUSY = 5.0
"""Seconds that a machine with much else to do may add."""
PLACEMENT = """
import time

class Placement:
    def get_task_node_location(self, view, task_name):
        if task_name == "stuck":
            time.sleep(3600)
        candidates = view.candidates[task_name]
        wanted = f"node-{int(task_name[-1]) % 3 + 1}"
        return wanted if wanted in candidates else min(candidates) if len(view.nodes) < 3 else None
"""
BY_CLASS = {"task_handling": {"resolver_class": "placement:Placement"}}
ENDLESS = """
import time
time.sleep(3600)

class Work:
    def execute(self):
        pass
"""


def test_a_resolver_that_hangs_for_one_task_keeps_no_other_waiting_and_the_leader_leading(
    group: Group,
) -> None:
    with Fleet(group, 3, settings=BY_CLASS) as fleet:
        for home in fleet.homes:
            home.add_module("placement", PLACEMENT)
        fleet.start()
        group.deploy("stuck", task_xml("stuck", every=1))
        fleet.deploy(6)
        fleet.wait_fired(fleet.tasks)
        leader = fleet.leader()
        assert leader is not None
        fleet.node(leader).wait_logged("had not answered for task [stuck]")
        victim = next(home for home in fleet.homes if home.name != leader)
        trial = tried(fleet, Node.kill, victim=victim)
        assert trial.takeover < takeover_within(FAST_WINDOW) + 2 + BUSY, (
            "one second more, for the call that hangs"
        )
        assert fleet.leader() == leader
        row = group.row("stuck")
        assert row is not None
        assert row.owner is None
        assert fleet.sink.of("stuck") == []
        assert fleet.books() == CLEAN
        assert fleet.node(leader).stop() == 0, "a call that hangs does not hold up the end of the process"


def test_a_leader_that_comes_back_into_a_deployment_without_an_end_does_not_lead(group: Group) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(4)
        fleet.start()
        leader = fleet.leader()
        assert leader is not None
        former = fleet.home(leader)
        [heir] = fleet.others(former)
        former.add_module("endless", ENDLESS)
        former.deploy("endless", task_xml("endless", every=1, task_class="endless:Work"))
        killed = time.monotonic()
        former.lives[-1].kill()
        back = former.begin()
        fleet.wait_fired(fleet.tasks, since=killed, by=[heir], count=2)
        assert fleet.silence(killed) < takeover_within(FAST_WINDOW) + 1 + BUSY
        wait_until(lambda: fleet.leader() == heir.name, lambda: f"the other leads; now {fleet.leader()}")
        back.wait_logged("Successfully joined the cluster")
        heir.deploy("late", task_xml("late", every=1))
        fleet.wait_fired(["late"], since=killed, by=[heir], count=2)
        assert fleet.leader() == heir.name
        assert fleet.statuses()[former.name] == "JOINING"
        assert fleet.books() == CLEAN
