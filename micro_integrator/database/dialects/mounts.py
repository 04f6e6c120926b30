"""Which file system a path lies on: some of them break the locks that databases in files depend on."""

import re
from pathlib import Path

_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|coda|ncpfs|lustre|gpfs|gfs2?|ocfs2|"
    r"fuse\.(sshfs|glusterfs|ceph|s3fs|rclone|davfs2?|gcsfuse|smbnetfs|juicefs|curlftpfs)"
)


def network_file_system(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """Return the type of the network file system that `path` lies on; empty when it is local or unknown."""
    try:
        table = mounts.read_text()
    except OSError:
        return ""  # no Linux: nothing to judge by
    kind = file_system_of(path.resolve(), table)
    return kind if _NETWORK.fullmatch(kind) else ""


def file_system_of(path: Path, mount_table: str) -> str:
    """Return the type of the deepest mount in `mount_table` (the text of mountinfo) that holds `path`."""
    kind, depth = "", -1
    for line in mount_table.splitlines():
        place, _, described = line.partition(" - ")
        point = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), place.split()[4]))
        # of two mounts on one point the later one covers the earlier
        if path.is_relative_to(point) and len(point.parts) >= depth:
            kind, depth = described.split()[0], len(point.parts)
    return kind
