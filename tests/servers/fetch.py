"""Find PostgreSQL, MariaDB, nginx and libfaketime on this machine, or unpack them into a cache folder.

Run as a script it makes sure that all are there:

    python tests/servers/fetch.py

Nothing is installed and no service is started: the packages of the distribution are downloaded with what they depend
on and unpacked. Where the machine's own package lists do not suffice, private ones are made.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class ServerMissing(Exception):
    """No binaries of a product; the text says how to get them."""


@dataclass(frozen=True)
class Product:
    """A server or library: what its file is called, where it may be, which packages bring it."""

    name: str
    binary: str
    variable: str
    places: tuple[str, ...]
    packages: tuple[tuple[str, ...], ...]
    """Alternatives, the best first."""


@dataclass(frozen=True)
class Binaries:
    """The folder of a server's binaries; `root` is where its packages were unpacked, None if installed."""

    folder: Path
    root: Path | None

    def environment(self) -> dict[str, str]:
        """Environment variables under which the binaries find their libraries."""
        environment = dict(os.environ) | {"LC_ALL": "C"}
        if self.root is not None:
            libraries = [str(self.root / place) for place in _library_folders(self.root)]
            environment["LD_LIBRARY_PATH"] = ":".join(libraries)
            environment["PATH"] = f"{self.folder}:{self.root}/usr/bin:{environment.get('PATH', '')}"
        return environment


POSTGRESQL = Product(
    name="postgresql",
    binary="postgres",
    variable="MI_TEST_POSTGRESQL_BIN",
    places=("usr/lib/postgresql/*/bin", "usr/local/pgsql/bin", "usr/bin"),
    packages=(("postgresql-15",), ("postgresql-17",), ("postgresql-16",)),
)
MARIADB = Product(
    name="mariadb",
    binary="mariadbd",
    variable="MI_TEST_MARIADB_BIN",
    places=("usr/sbin", "usr/local/sbin", "usr/bin", "usr/libexec"),
    packages=(
        ("mariadb-server-core", "mariadb-client-core"),
        ("mariadb-server-core-10.6", "mariadb-client-core-10.6"),
    ),
)
FAKETIME = Product(
    name="faketime",
    binary="libfaketimeMT.so.1",
    variable="MI_TEST_FAKETIME_LIB",
    places=("usr/lib/*/faketime", "usr/lib64/faketime", "usr/lib/faketime", "usr/local/lib/faketime"),
    packages=(("libfaketime",),),
)

NGINX = Product(
    name="nginx",
    binary="nginx",
    variable="MI_TEST_NGINX_BIN",
    places=("usr/sbin", "usr/local/sbin", "usr/local/nginx/sbin", "usr/bin"),
    packages=(("nginx-light",), ("nginx",)),
)


def find(product: Product) -> Binaries:
    """Return the binaries of `product`: named by its variable, installed, or in the cache. Raises ServerMissing."""
    if named := os.environ.get(product.variable):
        if (Path(named) / product.binary).exists():
            return Binaries(Path(named), None)
        raise ServerMissing(f"{product.variable} names {named}, where there is no {product.binary}")
    for root in (Path("/"), cache_folder() / product.name):
        if folder := _folder_below(root, product):
            return Binaries(folder, None if root == Path("/") else root)
    if on_path := shutil.which(product.binary):
        return Binaries(Path(on_path).resolve().parent, None)
    raise ServerMissing(
        f"no {product.binary} on this machine: run 'python tests/servers/fetch.py', or install "
        f"{product.packages[0][0]}, or name the folder of its binaries in {product.variable}"
    )


def cache_folder() -> Path:
    """Where servers are unpacked; as root a place that the unprivileged user of the servers can enter."""
    if os.geteuid() == 0:
        return Path("/var/cache/micro-integrator/servers")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "micro-integrator" / "servers"


def ensure(product: Product) -> Binaries:
    """Return the binaries of `product`, fetched if need be. Raises ServerMissing with the output of what failed."""
    try:
        return find(product)
    except ServerMissing:
        if os.environ.get(product.variable):
            raise
    with _lock():
        if not _folder_below(cache_folder() / product.name, product):
            _fetch(product)
    return find(product)


def _folder_below(root: Path, product: Product) -> Path | None:
    folders = [
        folder
        for place in product.places
        for folder in root.glob(place)
        if (folder / product.binary).exists()
    ]
    return max(folders, key=_version, default=None)


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", folder.parent.name)))


def _library_folders(root: Path) -> Iterator[str]:
    for pattern in ("usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib64", "usr/lib"):
        for folder in root.glob(pattern):
            if any(folder.glob("*.so*")):
                yield str(folder.relative_to(root))


def _fetch(product: Product) -> None:
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
        work = Path(scratch)
        work.chmod(0o755)
        try:
            _download(product, work, [])
        except ServerMissing:
            _download(product, work, _private_lists(work))
        tree = work / "tree"
        for package in sorted(work.glob("*.deb")):
            _run(["dpkg-deb", "-x", str(package), str(tree)], work)
        tree.rename(cache_folder() / product.name)


def _download(product: Product, folder: Path, options: list[str]) -> None:
    """Download the first alternative that exists, with all it depends on that this machine lacks."""
    reasons = []
    for packages in product.packages:
        try:
            plan = _run(["apt-get", *options, "-s", "install", "--no-install-recommends", *packages], folder)
            names = re.findall(r"^Inst (\S+)", plan, re.MULTILINE)
            _run(["apt-get", *options, "download", *names], folder)
        except ServerMissing as error:
            reasons.append(str(error))
        else:
            return
    raise ServerMissing(f"{product.name} cannot be downloaded: " + "; ".join(reasons))


def _private_lists(folder: Path) -> list[str]:
    """Fetch the distribution's package lists into `folder`; the machine's own stay as they are."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    options = [
        f"-oDir::State={folder / 'state'}",
        f"-oDir::Cache={folder / 'cache'}",
        "-oDir::State::status=/var/lib/dpkg/status",
        "-oAPT::Sandbox::User=",
        "-oDebug::NoLocking=1",
    ]
    _run(["apt-get", *options, "update"], folder)
    return options


def _run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerMissing(f"'{' '.join(command)}' failed: {error}") from error
    if done.returncode:
        raise ServerMissing(f"'{' '.join(command)}' failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@contextmanager
def _lock() -> Iterator[None]:
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Make sure that all products are there and say where; 1 when one cannot be had."""
    status = 0
    for product in (POSTGRESQL, MARIADB, NGINX, FAKETIME):
        try:
            print(f"{product.name}: {ensure(product).folder}")
        except ServerMissing as error:
            print(f"{product.name}: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
