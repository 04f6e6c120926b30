"""The clock on the wall of a time zone: it jumps over an hour in spring and repeats one in autumn.

A *wall* is what that clock shows, as a number: the seconds since 1970-01-01 00:00 if it had never been changed.
Fires are found as walls and then turned into instants, by two rules:

* a wall inside a gap (the clock was put forward) does not exist;
* a wall that is shown twice (the clock was put back) means the second time. Nothing fires during the first pass.

The second rule is Quartz' own: it reads such a wall as standard time, so that the first pass stays silent even for
an expression that fires every minute.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from micro_integrator.kit import did_you_mean
from micro_integrator.tasks.triggers.errors import TriggerError

_SECOND = timedelta(seconds=1)


class WallClock:
    """Turns instants (epoch seconds) of one IANA time zone into walls and back. Raises TriggerError if unknown."""

    def __init__(self, zone: str) -> None:
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise TriggerError(
                f"timezone '{zone}' is unknown{did_you_mean(zone, available_timezones())}: "
                "write a name of the IANA time zone database such as Europe/Berlin or UTC",
                attribute="timezone",
            ) from error
        self._epoch = datetime(1970, 1, 1, tzinfo=self._zone)

    def wall_from(self, instant: int) -> int:
        """Return the wall at `instant`; in the first pass of a repeated hour, the wall at which the second begins."""
        local = datetime.fromtimestamp(instant, self._zone)
        repeated = int(local.replace(fold=1).timestamp())
        if repeated > instant:
            local = datetime.fromtimestamp(self._change(instant, repeated), self._zone)
        # two datetimes of one zone are subtracted as the wall shows them, whatever happened in between
        return (local - self._epoch) // _SECOND

    def instant(self, wall: int) -> int | None:
        """Return the instant at which the clock shows `wall`, the later one if there are two, None inside a gap."""
        earlier, later = self._readings(wall)
        return later if earlier <= later else None

    def gap_end(self, wall: int) -> int:
        """Return the wall shown right after the gap that `wall` lies in."""
        # inside a gap the two readings change places: the later one takes the old offset, hence lies after the change
        after, before = self._readings(wall)
        change = self._change(before, after)
        return (datetime.fromtimestamp(change, self._zone) - self._epoch) // _SECOND

    def _readings(self, wall: int) -> tuple[int, int]:
        """Return the instants of `wall` with the offset before and after a change; far from any change they agree."""
        local = self._epoch + wall * _SECOND
        return int(local.timestamp()), int(local.replace(fold=1).timestamp())

    def _change(self, before: int, after: int) -> int:
        """Return the first instant that has the offset of `after`, where the clock is changed once in between."""
        offset = datetime.fromtimestamp(after, self._zone).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if datetime.fromtimestamp(middle, self._zone).utcoffset() == offset:
                after = middle
            else:
                before = middle
        return after
