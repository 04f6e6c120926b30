"""The home of one node: every place it reads from or writes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from micro_integrator.kit import shown_path


@dataclass(frozen=True)
class Home:
    """Paths below `root`; variables of the environment and system properties move single ones elsewhere."""

    root: Path
    environ: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    properties: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    carbonapps_dirs: tuple[str, ...] = ("carbonapps",)

    @property
    def conf(self) -> Path:
        """Folder of the configuration files; MI_CONF may name another folder."""
        moved = self._moved("MI_CONF")
        return moved if moved and moved.is_dir() else self.root / "conf"

    @property
    def deployment_toml(self) -> Path:
        """The file users edit; MI_CONF may name another file, or the folder it lies in."""
        moved = self._moved("MI_CONF")
        return moved if moved and not moved.is_dir() else self.conf / "deployment.toml"

    @property
    def file_properties(self) -> Path:
        """Values for `$FILE:` placeholders in artifacts; -Dproperties.file.path may name another file."""
        named = self.properties.get("properties.file.path", "")
        return self.conf / "file.properties" if named in ("", "default") else self.root / named

    @property
    def carbonapps(self) -> tuple[Path, ...]:
        """Hot folders in the order they are read; MI_CARBONAPPS (colon list) replaces all others."""
        if named := [part for part in self.environ.get("MI_CARBONAPPS", "").split(":") if part]:
            return tuple(self.root / part for part in named)
        familiar = self.root / "repository" / "deployment" / "server" / "carbonapps"
        folders = tuple(self.root / name for name in self.carbonapps_dirs)
        return (*folders, familiar) if familiar.is_dir() and familiar not in folders else folders

    @property
    def registry(self) -> Path:
        """Folder of the file registry (MI_REGISTRY)."""
        return self._moved("MI_REGISTRY") or self.root / "registry"

    @property
    def logs(self) -> Path:
        """Folder of the log files (-Dlogfiles.home, then CARBON_LOGS)."""
        if named := self.properties.get("logfiles.home"):
            return self.root / named
        return self._moved("CARBON_LOGS") or self.root / "repository" / "logs"

    @property
    def lib(self) -> Path:
        """Folder of Python packages of the user."""
        return self.root / "lib"

    @property
    def security(self) -> Path:
        """Folder of key material."""
        return self.root / "repository" / "resources" / "security"

    @property
    def pid_file(self) -> Path:
        """File with the process id of the running node (MI_PID_FILE)."""
        return self._moved("MI_PID_FILE") or self.root / "wso2carbon.pid"

    @property
    def socket(self) -> Path:
        """Unix socket of the control commands (MI_SOCKET, for homes whose path is too long for a socket)."""
        return self._moved("MI_SOCKET") or self.root / "micro-integrator.sock"

    def shown(self, path: Path) -> str:
        """Return `path` as messages name it: relative to the home where it lies inside, and readable by anybody."""
        return shown_path(path.relative_to(self.root) if path.is_relative_to(self.root) else path)

    def _moved(self, variable: str) -> Path | None:
        value = self.environ.get(variable)
        return self.root / value if value else None
