"""What the settings of this node mean for its artifacts: where they lie, and on what terms they are read."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from micro_integrator.config import Settings
from micro_integrator.deployment.watcher import Folder
from micro_integrator.synapse import Terms

_LOCAL_TIME = Path("/etc/localtime")
_ZONES = "zoneinfo/"


def terms_of(settings: Settings, environ: Mapping[str, str], *, strict: bool = False) -> Terms:
    """Return the terms all artifacts of this node are read on."""
    return Terms(
        files=settings.home.registry,
        strict=strict or settings.mediation.strict,
        fire_mode=settings.task_handling.default_fire_mode or "claim",
        misfire=settings.task_handling.misfire,
        zone=settings.task_handling.timezone or process_zone(environ),
        server_name=settings.server_name,
        cluster_group=settings.cluster_config.group_id,
        class_packages=settings.mediation.class_packages,
        class_folder=settings.home.lib,
        class_aliases=settings.mediation.class_aliases,
    )


def folders_of(settings: Settings) -> tuple[Folder, ...]:
    """Return the folders of this node's artifacts; the last one is that of loose files in the reference's layout."""
    home = settings.home
    first, *others = home.carbonapps
    loose = home.root / settings.server.synapse_config_file_path / "default"
    optional = (Folder(str(path), may_be_missing=True) for path in (*others, loose))
    return (Folder(str(first)), *optional)


def process_zone(environ: Mapping[str, str], local_time: Path = _LOCAL_TIME) -> str:
    """Return the name of the process's time zone: TZ, else where `local_time` leads, else UTC."""
    named = environ.get("TZ", "").removeprefix(":")
    _, _, linked = str(local_time.resolve()).partition(_ZONES)
    for name in filter(None, (named, linked)):
        with suppress(KeyError, OSError, ValueError):  # a zone spelt in POSIX rules, or one unknown here
            return ZoneInfo(name).key
    return "UTC"
