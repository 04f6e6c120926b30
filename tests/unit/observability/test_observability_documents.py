"""The pages for operators name what exists."""

import re
from pathlib import Path

import pytest

import micro_integrator

PACKAGE = Path(micro_integrator.__file__).parent
PAGE = PACKAGE.parent / "docs" / "metrics.md"
DEFINITION = re.compile(r'\b(?:counter|gauge|histogram)\(\s*"((?:mi|wso2)_[a-z_]+)"')

DEFINED = sorted(
    {name for file in PACKAGE.rglob("*.py") for name in DEFINITION.findall(file.read_text("utf-8"))}
)


@pytest.mark.parametrize("name", DEFINED)
def test_every_metric_stands_on_its_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text("utf-8"), f"docs/metrics.md lacks {name}"
