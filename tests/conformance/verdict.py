"""What came of a case, and how a trial says so."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal


class Mismatch(Exception):
    """The product does something else than the case says."""


class Gap(Exception):
    """The case needs what the product does not have yet; the text names it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the report."""

    id: str
    set: Literal["artifacts", "unit", "snippets", "http"]
    outcome: Literal["pass", "fail", "skip"]
    reason: str = ""

    @property
    def line(self) -> str:
        """This verdict as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


def verdict(case: str, of: Literal["artifacts", "unit", "snippets"], trial: Callable[[], None]) -> Verdict:
    """Return what came of the trial of a case; an error that nobody foresaw is a failure like any other."""
    try:
        trial()
    except Gap as gap:
        return Verdict(case, of, "skip", str(gap))
    except Mismatch as mismatch:
        return Verdict(case, of, "fail", str(mismatch))
    except Exception as error:  # one broken case must not hide the others
        return Verdict(case, of, "fail", f"{type(error).__name__}: {error}")
    return Verdict(case, of, "pass")
