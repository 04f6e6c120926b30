"""What stands around listener and sender, and that nothing does unless it was asked for."""

from pathlib import Path

import pytest

from micro_integrator.config import Settings, load
from micro_integrator.server.watching import watched_sender, watched_serving
from micro_integrator.synapse import Arrival, ReplyChannel, Request, Response


class NoSender:
    """Is never asked to send."""

    async def send(self, request: Request) -> Response:
        raise AssertionError("nothing is sent here")


async def serve(arrival: Arrival, reply: ReplyChannel) -> None:
    """Is never asked to serve."""


def settings(home: Path, text: str, **properties: str) -> Settings:
    (home / "conf").mkdir()
    (home / "conf/deployment.toml").write_text(text)
    return load(home, properties=properties, environ={})


def test_nothing_stands_around_unless_it_was_asked_for(tmp_path: Path) -> None:
    usual, sender = settings(tmp_path, ""), NoSender()
    assert watched_serving(usual, serve) is serve
    assert watched_sender(usual, sender) is sender


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[transport.http.sender]\nwarn_on_http_500 = "*"', "ErrorTellingSender"),
        ("[transport.http]\nenable_message_size_validation = true", "LimitingSender"),
        ('[system.parameter]\nenableCorrelationLogs = "true"', "TimedSender"),
        ("[transport.http]\nmax_message_size_bytes = 7", "NoSender"),
    ],
)
def test_what_is_asked_for_stands_around_the_sender(tmp_path: Path, text: str, name: str) -> None:
    assert type(watched_sender(settings(tmp_path, text), NoSender())).__name__ == name


def test_requests_are_timed_and_named_when_that_is_asked_for(tmp_path: Path) -> None:
    timed = settings(tmp_path, "", enableCorrelationLogs="true")
    assert watched_serving(timed, serve) is not serve
    (tmp_path / "other").mkdir()
    named = settings(tmp_path / "other", '[logging]\nformat = "json"')
    assert watched_serving(named, serve) is not serve
