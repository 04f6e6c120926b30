"""Builds small applications for tests: artifact texts, directories, archives."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'


def sequence(name: str, body: str = "<drop/>") -> str:
    return f'<sequence {NAMESPACE} name="{name}">{body}</sequence>'


def task(name: str, seconds: int = 3600) -> str:
    return f'<task {NAMESPACE} name="{name}"><trigger interval="{seconds}"/></task>'


def application(
    artifacts: Mapping[str, tuple[str, str]], *, name: str = "orders", version: str = "1.0.0"
) -> dict[str, str]:
    """Return the files of an application; `artifacts` are name → (type, content)."""
    dependencies = "".join(
        f'<dependency artifact="{artifact}" version="{version}" serverRole="EnterpriseIntegrator"/>'
        for artifact in artifacts
    )
    head = f'<artifact name="{name}" version="{version}" type="carbon/application">'
    files = {"artifacts.xml": f"<artifacts>{head}{dependencies}</artifact></artifacts>"}
    for artifact, (kind, content) in artifacts.items():
        attributes = f'name="{artifact}" version="{version}" type="{kind}"'
        files[f"{artifact}_{version}/artifact.xml"] = (
            f"<artifact {attributes}><file>{artifact}.xml</file></artifact>"
        )
        files[f"{artifact}_{version}/{artifact}.xml"] = content
    return files


def write_archive(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write `files` as a zip archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_folder(path: Path, files: Mapping[str, str]) -> Path:
    """Write `files` below the directory `path`."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content)
    return path
