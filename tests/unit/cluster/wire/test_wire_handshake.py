"""The handshake: only who knows the key is let in, and nobody learns anything from a failure."""

import hashlib
import hmac
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.cluster.wire.answers import Answer
from micro_integrator.cluster.wire.frames import LONGEST
from micro_integrator.cluster.wire.handshake import (
    NONCE,
    HandshakeError,
    Introduction,
    Proof,
    Side,
    WireKey,
    greeting,
    nonce_of,
    whom_i_met,
)

SECRET = "ab" * 32
PROOF = Proof(WireKey(SECRET), b"c" * NONCE, b"s" * NONCE)
ME = Introduction("group", "node-1", "boot-1", 7)


def _fails(payload: bytes, proof: Proof = PROOF, side: Side = Side.CONNECTOR) -> Answer:
    with pytest.raises(HandshakeError) as failure:
        proof.check(side, payload, "group")
    return failure.value.answer


def test_the_mac_is_the_one_of_the_protocol() -> None:
    text = b"c" + b"c" * NONCE + b"s" * NONCE + b"group\nnode-1\nboot-1\n7"
    expected = hmac.new(bytes.fromhex(SECRET), text, hashlib.sha256).hexdigest()
    assert json.loads(PROOF.introduce(Side.CONNECTOR, ME)) == {
        "g": "group",
        "n": "node-1",
        "b": "boot-1",
        "e": 7,
        "m": expected,
    }


def test_who_knows_the_key_is_believed() -> None:
    for side in Side:
        assert PROOF.check(side, PROOF.introduce(side, ME), "group") == ME


def test_another_key_is_a_wrong_key() -> None:
    stranger = replace(PROOF, key=WireKey("cd" * 32))
    assert _fails(stranger.introduce(Side.CONNECTOR, ME)) is Answer.WRONG_KEY


def test_a_proof_cannot_be_sent_back_by_the_other_side() -> None:
    assert _fails(PROOF.introduce(Side.CONNECTOR, ME), side=Side.LISTENER) is Answer.WRONG_KEY


@pytest.mark.parametrize("field", ["connector_nonce", "listener_nonce"])
def test_a_proof_of_an_earlier_handshake_is_worth_nothing(field: str) -> None:
    earlier = replace(PROOF, **{field: b"x" * NONCE})  # type: ignore[arg-type]
    assert _fails(earlier.introduce(Side.CONNECTOR, ME)) is Answer.WRONG_KEY


@pytest.mark.parametrize(("field", "lie"), [("n", "node-2"), ("b", "boot-2"), ("e", 8)])
def test_every_field_is_proved(field: str, lie: object) -> None:
    said = json.loads(PROOF.introduce(Side.CONNECTOR, ME)) | {field: lie}
    assert _fails(json.dumps(said).encode()) is Answer.WRONG_KEY


def test_another_group_is_named_as_such() -> None:
    assert _fails(PROOF.introduce(Side.CONNECTOR, replace(ME, group="other"))) is Answer.WRONG_GROUP


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b"[" * 1000,
        b'{"g":1,"n":"n","b":"b","e":1,"m":"m"}',
        b'{"g":"group","n":"n","b":"b","e":true,"m":"m"}',
        b'{"g":"group","n":"n","b":"b","e":1.5,"m":"m"}',
        b'{"g":"group","n":"n","b":"b","e":-1,"m":"m"}',
        b'{"g":"group","n":"n\\nb","b":"b","e":1,"m":"m"}',
        b'{"g":"group","n":"\\ud800","b":"b","e":1,"m":"m"}',
        b'{"g":"group","n":"n","b":"b","e":1,"m":null}',
    ],
)
def test_what_is_no_introduction_is_another_protocol(payload: bytes) -> None:
    assert _fails(payload) is Answer.WRONG_PROTOCOL


@given(st.binary(max_size=LONGEST))
def test_garbage_is_never_let_in_and_never_crashes(payload: bytes) -> None:
    assert _fails(payload) in {Answer.WRONG_PROTOCOL, Answer.WRONG_GROUP, Answer.WRONG_KEY}


fields = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("group")
        )
        for name in "gnbem"
    },
)


@given(fields)
def test_any_json_object_without_the_key_is_refused(said: dict[str, object]) -> None:
    _fails(json.dumps(said).encode())


def test_a_mac_beyond_ascii_is_a_wrong_key_and_no_crash() -> None:
    said = json.loads(PROOF.introduce(Side.CONNECTOR, ME)) | {"m": "ä" * 64}
    assert _fails(json.dumps(said).encode()) is Answer.WRONG_KEY


def test_a_greeting_of_another_protocol_is_refused() -> None:
    assert nonce_of(greeting(b"n" * NONCE)) == b"n" * NONCE
    with pytest.raises(HandshakeError) as failure:
        nonce_of(b"MIW2" + b"n" * NONCE)
    assert failure.value.answer is Answer.WRONG_PROTOCOL


def test_the_longest_names_fit_into_a_frame() -> None:
    longest = Introduction("g" * 200, "n" * 200, "b" * 36, 2**63 - 1)
    assert len(PROOF.introduce(Side.CONNECTOR, longest)) < LONGEST


def test_neither_the_key_nor_a_proof_shows_it() -> None:
    shown = f"{PROOF.key!r} {PROOF.key} {PROOF!r}"
    assert SECRET not in shown
    assert repr(bytes.fromhex(SECRET)) not in shown


@pytest.mark.parametrize("key", ["", "not hex", "abc"])
def test_a_useless_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="the key is") as failure:
        WireKey(key)
    assert not key or key not in str(failure.value)


@pytest.mark.parametrize(
    ("node", "boot", "answer"),
    [
        ("node-2", "boot-2", Answer.WELCOMED),
        ("node-2", "boot-9", Answer.REPLACED),
        ("node-2", "boot-1", Answer.OTHER_MEMBER),
        ("node-2", "boot-3", Answer.OTHER_MEMBER),
        ("node-3", "boot-3", Answer.OTHER_MEMBER),
        ("node-3", "boot-9", Answer.OTHER_MEMBER),
    ],
)
def test_only_its_own_node_with_a_boot_id_of_nobody_else_replaces_a_member(
    node: str, boot: str, answer: Answer
) -> None:
    met = Introduction("group", node, boot, 1)
    assert whom_i_met(met, "node-2", "boot-2", {"boot-1", "boot-3"}) is answer
