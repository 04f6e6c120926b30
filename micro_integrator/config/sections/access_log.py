"""[transport.http.access_log], also [access_log]: one line for every request of the HTTP listener."""

from micro_integrator.config.keys import key, section
from micro_integrator.config.kinds import boolean, filled, string


@section("transport.http.access_log", raw_table="access_log")
class AccessLogSettings:
    """One line for every request of the HTTP listener, in a file for every day."""

    access_log_enable: bool = key(False, kind=boolean, raw="access_log_enable", doc="write the access log")
    access_log_pattern: str = key(
        '%{X-Forwarded-For}i %h %l %u %t "%r" %s %b "%{Referer}i" "%{User-Agent}i"',
        kind=filled,
        raw="access_log_pattern",
        doc="what a line holds; `common` and `combined` are names of usual patterns",
    )
    access_log_directory: str = key(
        "repository/logs",
        kind=filled,
        raw="access_log_directory",
        doc="folder of the files, relative to the home",
    )
    access_log_prefix: str = key(
        "http_access_", kind=string, raw="access_log_prefix", doc="beginning of a file's name"
    )
    access_log_suffix: str = key(".log", kind=string, raw="access_log_suffix", doc="end of a file's name")
    access_log_file_date_format: str = key(
        "yyyy-MM-dd",
        kind=filled,
        raw="access_log_file_date_format",
        doc="the date in a file's name, of the letters yyyy, MM, dd and HH",
    )
