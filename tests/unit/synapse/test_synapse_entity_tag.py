"""ETag of answers, and clients that have them already."""

import hashlib

import pytest

from micro_integrator.synapse.entity_tag import is_known, tag_of

TAG = tag_of(b"ok")


def test_a_tag_is_the_digest_of_the_bytes_in_quotation_marks() -> None:
    assert f'"{hashlib.md5(b"ok").hexdigest()}"' == TAG


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", False),
        ('"other"', False),
        (TAG, True),
        (f'"other" , {TAG}', True),
        (f"W/{TAG}", True),
        ("*", True),
        (TAG.strip('"'), False),
    ],
)
def test_which_clients_have_the_answer(asked: str, expected: bool) -> None:
    assert is_known(TAG, asked) is expected
