"""Which kinds of database a test runs on."""

import pytest


def on(kind: str, *, because: str) -> pytest.MarkDecorator:
    """Let a test run on one kind only: `because` tells the reader why its rule does not meet the database."""
    assert because
    return pytest.mark.parametrize("database", [kind], indirect=True)
