"""Location of an answer: led back to us where it can be, and passed on where it cannot."""

import pytest

from micro_integrator.synapse import Response
from micro_integrator.transports.http.client.answer_head import read_head
from micro_integrator.transports.http.client.response import response_of


def answered(location: str) -> Response:
    head = read_head(f"HTTP/1.1 200 OK\r\nLocation: {location}".encode("latin-1"))
    return response_of(head, b"", {"SERVICE_PREFIX": "http://gateway:8290/"}, keeps_location=False)


def test_a_location_leads_back_to_us() -> None:
    assert answered("http://inside:81/a?b=1").headers["Location"] == "http://gateway:8290/a?b=1"


@pytest.mark.parametrize("location", ["http://[inside/a", "http://inside]/a", "//[::1/a"])
def test_a_location_that_is_no_url_is_passed_on_as_it_came(location: str) -> None:
    assert answered(location).headers["Location"] == location
