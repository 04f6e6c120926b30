"""Location of an answer: led back to us where it can be, and passed on where it cannot."""

import pytest

from micro_integrator.synapse import Response
from micro_integrator.transports.http.client.answer_head import read_head
from micro_integrator.transports.http.client.response import response_of

INSIDE = "http://inside:81/a?b=1"


def answered(location: str, status: int = 200, *, keeps_location: bool = False) -> Response:
    head = read_head(f"HTTP/1.1 {status} -\r\nLocation: {location}".encode("latin-1"))
    return response_of(head, b"", {"SERVICE_PREFIX": "http://gateway:8290/"}, keeps_location=keeps_location)


def test_a_location_leads_back_to_us_and_the_former_one_is_told() -> None:
    response = answered(INSIDE)
    assert response.headers["Location"] == "http://gateway:8290/a?b=1"
    assert response.location == INSIDE


@pytest.mark.parametrize("status", [201, 301, 302, 303, 307, 308])
def test_what_was_made_and_where_it_has_gone_is_passed_on(status: int) -> None:
    response = answered(INSIDE, status)
    assert (response.headers["Location"], response.location) == (INSIDE, None)


def test_a_preserved_location_is_passed_on() -> None:
    response = answered(INSIDE, keeps_location=True)
    assert (response.headers["Location"], response.location) == (INSIDE, None)


@pytest.mark.parametrize("location", ["http://[inside/a", "http://inside]/a", "//[::1/a"])
def test_a_location_that_is_no_url_is_passed_on_as_it_came(location: str) -> None:
    assert answered(location).headers["Location"] == location
