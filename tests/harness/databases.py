"""Which kinds of database a test runs on."""

import pytest


def on(kind: str) -> pytest.MarkDecorator:
    """Let a test run on one kind only, because its rule does not depend on it; such tests are spread over all."""
    return pytest.mark.parametrize("database", [kind], indirect=True)
