from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from micro_integrator.config import Settings, load

Reading = Callable[..., Settings]


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    """Returns a function that reads a text as the deployment.toml of a fresh home."""

    def read(
        text: str,
        *,
        properties: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        strict: bool = False,
    ) -> Settings:
        folder = tmp_path / "conf"
        folder.mkdir(exist_ok=True)
        (folder / "deployment.toml").write_text(text, encoding="utf-8")
        return load(tmp_path, properties=properties or {}, environ=environ or {}, strict=strict)

    return read
