from pathlib import Path

import pytest
from unit.deployment.desk import Desk

from micro_integrator.deployment.listing import Form
from micro_integrator.deployment.watcher import Folder, Watcher
from micro_integrator.observability import recorded_lines


def test_a_file_that_is_old_when_first_seen_counts_as_settled(desk: Desk) -> None:
    desk.write("a.xml", age=5)
    assert desk.names(desk.look()) == ["a.xml"]


def test_a_young_file_waits_for_the_settle_time(desk: Desk) -> None:
    desk.write("a.xml")
    assert not desk.look()
    assert not desk.look(after=0.5)
    assert desk.names(desk.look(after=0.6)) == ["a.xml"]
    assert not desk.look(after=1)


def test_settle_time_zero_takes_a_file_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<sequence/>")
    watcher = Watcher([Folder(str(tmp_path))], settle=0)
    assert len(watcher.look().candidates) == 1


def test_a_file_from_a_machine_whose_clock_is_ahead_settles_by_keeping_still(desk: Desk) -> None:
    desk.write("a.xml", age=-3600)
    assert not desk.look()
    assert desk.names(desk.look(after=1)) == ["a.xml"]


def test_a_slow_copy_is_reported_once_when_it_has_ended(desk: Desk) -> None:
    for size in range(1, 40):
        desk.write("slow.xml", "x" * size)
        assert not desk.look(after=0.9)
    assert desk.names(desk.look(after=0.2)) == ["slow.xml"]
    assert not desk.look(after=1)


def test_a_file_that_never_keeps_still_is_overdue_once(desk: Desk) -> None:
    overdue: list[str] = []
    for size in range(1, 140):
        desk.write("slow.xml", "x" * size)
        overdue += desk.look(after=0.5).overdue
    assert overdue == [str(desk.folder / "slow.xml")]


def test_an_overdue_file_is_a_candidate_as_soon_as_it_keeps_still(desk: Desk) -> None:
    for size in range(1, 140):
        desk.write("slow.xml", "x" * size)
        desk.look(after=0.5)
    assert desk.names(desk.look(after=1)) == ["slow.xml"]


def test_an_overdue_file_that_goes_away_is_reported_as_removed(desk: Desk) -> None:
    path = desk.folder / "slow.xml"
    for size in range(1, 140):
        desk.write("slow.xml", "x" * size)
        desk.look(after=0.5)
    path.unlink()
    assert desk.look().removed == (str(path),)


def test_a_touched_file_with_the_same_content_is_no_change(desk: Desk) -> None:
    path = desk.write("a.xml", age=5)
    desk.look()
    desk.touch(path)
    assert not desk.look(after=2)


def test_new_content_with_the_same_size_is_a_change(desk: Desk) -> None:
    desk.write("a.xml", "<a/>", age=5)
    desk.look()
    desk.write("a.xml", "<b/>")
    assert desk.names(desk.look(after=1)) == ["a.xml"]


def test_a_candidate_that_is_not_accepted_comes_again(desk: Desk) -> None:
    desk.write("a.xml", age=5)
    assert desk.names(desk.look(accept=False)) == ["a.xml"]
    assert desk.names(desk.look(accept=False)) == ["a.xml"]


def test_a_deleted_file_is_removed_once(desk: Desk) -> None:
    path = desk.write("a.xml", age=5)
    desk.look()
    path.unlink()
    assert desk.look().removed == (str(path),)
    assert not desk.look()


def test_a_file_that_was_never_judged_leaves_without_a_word(desk: Desk) -> None:
    path = desk.write("a.xml")
    desk.look()
    path.unlink()
    assert not desk.look()


def test_a_renamed_file_is_a_rename_and_needs_no_second_settling(desk: Desk) -> None:
    path = desk.write("a.xml")
    desk.look(after=1)
    path.rename(desk.folder / "b.xml")
    changes = desk.look()
    assert [(former, candidate.path) for former, candidate in changes.renamed] == [
        (str(path), str(desk.folder / "b.xml"))
    ]
    assert not changes.removed
    assert not changes.candidates
    assert not desk.look(after=5)


def test_a_copy_is_not_a_rename(desk: Desk) -> None:
    desk.write("a.xml", age=5)
    desk.look()
    desk.write("b.xml", age=5)
    changes = desk.look()
    assert not changes.renamed
    assert desk.names(changes) == ["b.xml"]


def test_a_vanished_folder_undeploys_nothing_and_warns_once_per_minute(desk: Desk) -> None:
    desk.write("a.xml", age=5)
    desk.look()
    desk.folder.rename(desk.folder.with_name("elsewhere"))
    with recorded_lines() as lines:
        for _ in range(130):
            assert not desk.look(after=1)
    assert len([text for text in lines.texts() if "nothing from there is undeployed" in text]) == 3
    desk.folder.with_name("elsewhere").rename(desk.folder)
    assert not desk.look()


def test_a_folder_that_may_be_missing_is_not_reported(tmp_path: Path) -> None:
    watcher = Watcher([Folder(str(tmp_path / "none"), may_be_missing=True)], settle=0)
    with recorded_lines() as lines:
        assert not watcher.look()
    assert not lines.texts()


def test_a_deleted_sub_folder_removes_its_files(desk: Desk) -> None:
    path = desk.write("orders/a.xml", age=5)
    desk.look()
    path.unlink()
    path.parent.rmdir()
    assert desk.look().removed == (str(path),)


def test_names_that_editors_and_copy_programs_use_are_ignored(desk: Desk) -> None:
    for name in (
        ".a.xml", "~a.xml", "a.xml~", "a.xml.tmp", "a.xml.part", "a.xml.swp", "a.xml.bak", "a.xml.back",
        "b.car.partial", "b.car.crdownload", "CVS/a.xml", ".git/a.xml", ".svn/a.xml", "README.txt",
    ):  # fmt: skip
        desk.write(name, age=100)
    assert not desk.look()


def test_an_empty_file_is_given_five_seconds_to_be_filled(desk: Desk) -> None:
    desk.write("a.xml", "")
    assert not desk.look(after=4)
    assert desk.names(desk.look(after=1)) == ["a.xml"]


def test_a_link_moved_to_another_target_is_a_change_even_if_the_files_look_alike(desk: Desk) -> None:
    first = desk.write("..2024/a.xml", "<a/>", age=5)
    second = desk.write("..2025/a.xml", "<b/>", age=5)
    desk.touch(second, age=5)
    data = desk.folder / "..data"
    data.symlink_to(first.parent)
    (desk.folder / "a.xml").symlink_to(Path("..data") / "a.xml")
    assert desk.names(desk.look()) == ["a.xml"]
    data.unlink()
    data.symlink_to(second.parent)
    assert desk.names(desk.look()) == ["a.xml"]


def test_a_link_whose_target_is_away_undeploys_nothing(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "share.xml"
    target.write_text("<a/>")
    desk.touch(target, age=5)
    (desk.folder / "a.xml").symlink_to(target)
    assert desk.names(desk.look()) == ["a.xml"]
    target.unlink()
    assert not desk.look()


def test_links_in_a_circle_end(desk: Desk) -> None:
    (desk.folder / "loop").symlink_to(desk.folder)
    desk.write("a.xml", age=5)
    assert desk.names(desk.look()) == ["a.xml"]


@pytest.mark.parametrize("top", ["plain", "application"])
def test_folders_without_end_are_left_alone_and_hide_nothing_else(desk: Desk, top: str) -> None:
    desk.write("a.xml", age=5)
    desk.write("application/artifacts.xml", age=5)
    (desk.folder / top / "/".join("d" * 150)).mkdir(parents=True)
    desk.touch(desk.folder / "application", age=5)
    with recorded_lines() as lines:
        found = desk.names(desk.look())
    assert found == (["a.xml", "application"] if top == "plain" else ["a.xml"])
    assert [line.endswith("cannot be read; nothing from there is undeployed") for line in lines.texts()] == [
        True
    ]


def test_a_directory_with_an_index_is_one_candidate(desk: Desk) -> None:
    desk.write("orders/artifacts.xml", age=5)
    desk.write("orders/seq_1.0.0/seq.xml", age=5)
    desk.touch(desk.folder / "orders", age=5)
    (candidate,) = desk.look().candidates
    assert (Path(candidate.path).name, candidate.form) == ("orders", Form.FOLDER)


def test_a_changed_member_changes_the_directory(desk: Desk) -> None:
    desk.write("orders/artifacts.xml", age=5)
    desk.write("orders/seq_1.0.0/seq.xml", age=5)
    desk.touch(desk.folder / "orders", age=5)
    desk.look()
    desk.write("orders/seq_1.0.0/seq.xml", "<sequence name='other'/>")
    assert not desk.look()
    assert desk.names(desk.look(after=1)) == ["orders"]


def test_an_incomplete_archive_is_waited_for_a_minute(desk: Desk) -> None:
    desk.write("a.car")
    desk.look()
    (candidate,) = desk.look(after=1, accept=False).candidates
    assert desk.watcher.patience_left(candidate) == 59
    desk.time += 60
    assert desk.watcher.patience_left(candidate) <= 0


def test_a_file_that_ends_too_early_is_waited_for_while_somebody_writes_it(desk: Desk) -> None:
    desk.write("a.xml")
    (candidate,) = desk.look(after=1, accept=False).candidates
    assert desk.watcher.patience_left(candidate) == 2


def test_a_thousand_files_are_seen_in_one_look(desk: Desk) -> None:
    for number in range(1000):
        desk.write(f"{number:04}.xml", f"<sequence name='{number}'/>", age=5)
    assert len(desk.look().candidates) == 1000
    assert not desk.look()
