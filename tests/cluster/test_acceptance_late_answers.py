"""Single statements that are answered late, never, or that arrive when their sender has long given up."""

import time

from harness import CLEAN, FAST_WINDOW, Fleet, Group, Node, on, takeover_within, tried, wait_until

pytestmark = on("postgresql", "mariadb", because="a statement is held on its way to a server")

BUSY = 5.0
"""Seconds that a machine with much else to do may add."""
CLAIM = (b"MI_TASK_FENCE", b"LAST_FIRE_AT")
RENEWAL = (b"UPDATE MI_NODE_LEASE", b"SET RENEW_SEQ")
EVICTION = (b"UPDATE MI_NODE_LEASE", b"SET STATUS = 'EVICTED'")
RENEWED = "SELECT RENEW_SEQ FROM MI_NODE_LEASE WHERE NODE_ID = '{}'"


def test_a_renewal_that_is_answered_late_costs_nothing(group: Group) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(4, leased=2)
        fleet.start()
        owner, boots, began = fleet.owner(), fleet.boot_ids(), time.monotonic()
        hold = fleet.proxies[owner.name].hold_reply(*RENEWAL)
        hold.wait_answered()
        fleet.wait_fired(fleet.tasks, since=time.monotonic() + FAST_WINDOW, by=[owner])
        hold.release()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=[owner], count=2)
        assert fleet.boot_ids() == boots
        assert fleet.silence(began) < 1 + BUSY
        assert fleet.books() == CLEAN


def test_renewals_and_claims_that_arrive_after_an_eviction_change_nothing(group: Group) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(4, leased=2)
        fleet.start()
        owner, former = fleet.owner(), fleet.boot_ids()
        [heir] = fleet.others(owner)
        proxy = fleet.proxies[owner.name]
        began = time.monotonic()
        holds = [proxy.hold_request(*what, every=True) for what in (RENEWAL, CLAIM)]
        fleet.wait_fired(fleet.tasks, since=began, by=[heir], count=2)
        assert all(hold.caught for hold in holds)
        released = time.monotonic()
        for hold in holds:
            hold.release()
        owner.lives[-1].wait_logged("joining again under a new boot id")
        fleet.wait_active(2)
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=[heir], count=2)
        assert {each.node for each in fleet.sink.of(None) if each.at > released} == {heir.name}
        assert fleet.boot_ids()[owner.name] != former[owner.name]
        assert fleet.books() == CLEAN


def test_a_claim_that_is_answered_late_is_sent_again_and_its_occurrence_runs_once(group: Group) -> None:
    with Fleet(group, 1) as fleet:
        fleet.deploy(3, every=8)
        fleet.start()
        hold = fleet.proxies["node-1"].hold_reply(*CLAIM)
        hold.wait_answered()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)  # the second one shows a gap before it
        hold.release()
        assert [fleet.sink.gaps(task) for task in fleet.tasks] == [[], [], []]
        assert fleet.books() == CLEAN


def test_an_eviction_that_is_not_answered_frees_the_tasks_all_the_same(group: Group) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(4, leased=2)
        fleet.start()
        [judge] = fleet.others(fleet.owner())
        hold = fleet.proxies[judge.name].hold_reply(*EVICTION)
        trial = tried(fleet, Node.kill)
        assert hold.caught
        assert trial.takeover < takeover_within(FAST_WINDOW) + 1 + BUSY
        hold.release()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        assert fleet.books() == CLEAN


def test_an_eviction_that_arrives_late_does_not_hit_an_owner_that_has_renewed(group: Group) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(4, leased=2)
        fleet.start()
        owner, boots = fleet.owner(), fleet.boot_ids()
        [judge] = fleet.others(owner)
        hold = fleet.proxies[judge.name].hold_request(*EVICTION, every=True)
        owner.lives[-1].freeze()
        hold.wait_caught()
        before = group.rows(RENEWED.format(owner.name))
        owner.lives[-1].thaw()
        wait_until(lambda: group.rows(RENEWED.format(owner.name)) != before, "a renewal")
        hold.release()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=[owner], count=3)
        assert fleet.boot_ids() == boots
        assert not fleet.evictions()
        assert fleet.books() == CLEAN
