"""What came of a case, and how a trial says so."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

SetName = Literal["artifacts", "unit", "snippets", "http"]


class Mismatch(Exception):
    """The product does something else than the case says."""


class Gap(Exception):
    """The case needs what is not there: in the product yet, or in the corpus; the text names it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the report."""

    id: str
    set: SetName
    outcome: Literal["pass", "fail", "skip"]
    reason: str = ""

    @property
    def line(self) -> str:
        """This verdict as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)
