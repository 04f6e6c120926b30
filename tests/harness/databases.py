"""Which kinds of database a test runs on."""

import pytest


def on(*kinds: str, because: str) -> pytest.MarkDecorator:
    """Let a test run on these kinds only: `because` tells the reader why its rule does not meet the others."""
    assert because
    return pytest.mark.parametrize("database", kinds, indirect=True)
