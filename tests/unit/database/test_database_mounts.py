"""SQLite on a network share is found by the table of mounts."""

from pathlib import Path

import pytest

from micro_integrator.database.dialects.mounts import file_system_of, network_file_system

TABLE = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /srv rw - nfs4 server:/srv rw
31 30 0:41 / /srv/local rw - xfs /dev/sdb rw
32 22 0:42 / /mnt/my\\040share rw - cifs //server/share rw
33 22 0:43 / /mnt/ssh rw - fuse.sshfs user@host: rw
34 22 0:44 / /over rw - nfs server:/x rw
35 34 0:45 / /over rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/mi/cluster.db", "ext4"),
        ("/srv/mi/cluster.db", "nfs4"),
        ("/srv/local/cluster.db", "xfs"),
        ("/mnt/my share/cluster.db", "cifs"),
        ("/mnt/ssh/cluster.db", "fuse.sshfs"),
        ("/over/cluster.db", "tmpfs"),
        ("/srvx/cluster.db", "ext4"),
    ],
)
def test_the_deepest_and_latest_mount_counts(path: str, kind: str) -> None:
    assert file_system_of(Path(path), TABLE) == kind


def test_a_share_is_named_and_a_local_disk_is_not(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(TABLE)
    assert network_file_system(Path("/srv/mi/cluster.db"), mounts) == "nfs4"
    assert network_file_system(Path("/home/mi/cluster.db"), mounts) == ""


def test_without_a_table_of_mounts_nothing_is_refused(tmp_path: Path) -> None:
    assert network_file_system(Path("/srv/mi/cluster.db"), tmp_path / "absent") == ""
