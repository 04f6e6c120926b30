"""The words in which the group speaks of itself to those who plan for it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A live member as planning sees it."""

    node_id: str
    boot_id: str
    started_at: int
    """When it joined, in milliseconds by the database's clock."""
    is_active: bool
    """STATUS ACTIVE; DRAINING and JOINING nodes publish what they have and are given nothing."""


@dataclass(frozen=True, slots=True)
class Published:
    """One task as one node has published it."""

    definition: str
    body: str
    paused: bool
    refused: bool
    kind: str = "task"


Publications = Mapping[str, Mapping[str, Published]]
"""Node id of a live member → task → what it publishes."""
