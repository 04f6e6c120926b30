"""Artifacts that cannot be used, dropped beside good ones into a node that works."""

from harness import Group, on, task_xml

RAISING = """
class Work:
    def __init__(self):
        raise ValueError("no room here")

    def execute(self):
        pass
"""

BAD_TASKS = {
    "never": (task_xml("never", cron="0 0 0 30 2 ?"), "never"),
    "five-fields": (task_xml("five-fields", cron="*/5 * * * *"), "*/5 * * * *"),
    "zero": (task_xml("zero", every=0), "interval"),
    "negative": (task_xml("negative", every=-3), "interval"),
    "both": (task_xml("both", every=5, cron="* * * * * ?"), "cron"),
    "stranger": (task_xml("stranger", every=1, task_class="no_such_module:Work"), "no_such_module"),
    "java": (task_xml("java", every=1, task_class="org.example.Work"), "org.example.Work"),
    "raising": (task_xml("raising", every=1, task_class="raising:Work"), "no room here"),
    "unclosed": ("<task", "unclosed.xml:1"),
}
"""File → its content, and what its line must name."""


@on("sqlite", because="artifacts are read before any database is asked")
def test_bad_tasks_are_one_line_each_with_their_place_and_the_others_fire_on(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.add_module("raising", RAISING)
    home.deploy("beat", task_xml("beat", every=1))
    home.deploy("there-at-start", task_xml("there-at-start", cron="never"))
    node = home.start()
    for name, (content, _) in BAD_TASKS.items():
        home.deploy(name, content)
    for name, (_, named) in BAD_TASKS.items():
        assert named in node.wait_logged(" ERROR ", f"carbonapps/{name}.xml:")
    sink.wait_for_more(3, "beat")
    for name in ("there-at-start", *BAD_TASKS):
        assert len(node.lines(" ERROR ", f"carbonapps/{name}.xml:")) == 1, node.lines(f"{name}.xml")
    assert sink.gaps("beat") == []
    assert "Traceback" not in node.log()
    assert node.stop() == 0


@on("sqlite", because="artifacts are read before any database is asked")
def test_a_broken_new_version_leaves_the_old_one_firing(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    sink.wait_for(1, "beat")
    home.deploy("beat", task_xml("beat", cron="61 * * * * ?"))
    node.wait_logged(" ERROR ", "carbonapps/beat.xml:")
    sink.wait_for_more(2, "beat")
    assert sink.gaps("beat") == []
    assert sink.duplicates() == []
