"""Evidence: a process is taken for dead only after refusals that nobody alive could have caused."""

from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.cluster.wire.answers import Address, Answer
from micro_integrator.cluster.wire.evidence import APART, Suspicion, Verdict

HERE, ELSEWHERE = ("10.0.0.2", 9202), ("10.0.0.3", 9202)
WINDOW = 15.0

addresses: st.SearchStrategy[Address | None] = st.sampled_from([HERE, HERE, HERE, ELSEWHERE, None])
histories = st.lists(
    st.tuples(
        st.sampled_from(Answer),
        addresses,
        st.one_of(st.floats(0, 0.2), st.floats(0, 5.0), st.just(APART)),
    ),
    max_size=12,
)
History = list[tuple[Answer, Address | None, float]]


def suspicion() -> Suspicion:
    return Suspicion(HERE, began_at=100.0, window=WINDOW)


def played(history: History) -> list[tuple[float, Answer, Address | None, Verdict]]:
    """Return what each answer amounted to, up to the first verdict that ends the suspicion."""
    one, now, seen = suspicion(), 100.0, []
    for answer, address, pause in history:
        now += pause
        verdict = one.note(answer, address, now)
        seen.append((now, answer, address, verdict))
        if verdict is not Verdict.OPEN:
            break
    return seen


@given(histories)
def test_refusal_is_evidence_only_twice_at_the_proven_address_and_50_ms_apart(history: History) -> None:
    seen = played(history)
    if not seen or seen[-1][3] is not Verdict.REFUSED:
        return
    refusals = [now for now, answer, address, _ in seen if answer is Answer.REFUSED and address == HERE]
    assert seen[-1][:3] == (refusals[-1], Answer.REFUSED, HERE)
    assert refusals[-1] - refusals[0] >= APART


@given(histories)
def test_only_a_proven_address_ever_gives_evidence(history: History) -> None:
    elsewhere: History = [
        (answer, ELSEWHERE if address == HERE else address, pause) for answer, address, pause in history
    ]
    assert not any(verdict.is_evidence for *_, verdict in played(elsewhere))


@given(histories)
def test_replacement_is_evidence_only_when_another_process_answered(history: History) -> None:
    seen = played(history)
    if seen and seen[-1][3] is Verdict.REPLACED:
        assert seen[-1][1:3] == (Answer.REPLACED, HERE)


silent = st.sampled_from([answer for answer in Answer if answer not in {Answer.REFUSED, Answer.REPLACED}])


@given(st.lists(st.tuples(silent, addresses, st.floats(0, 5.0)), max_size=30))
def test_who_is_frozen_or_cut_off_is_never_dead(history: History) -> None:
    assert not any(verdict.is_evidence for *_, verdict in played(history))


@given(histories)
def test_after_the_window_only_the_lease_decides(history: History) -> None:
    for now, answer, _, verdict in played(history):
        if verdict is Verdict.UNKNOWN:
            assert now >= 100.0 + WINDOW
            assert answer is not Answer.WELCOMED
        if verdict is Verdict.OPEN:
            assert now < 100.0 + WINDOW


def test_two_refusals_in_quick_succession_prove_nothing_yet() -> None:
    one = suspicion()
    assert one.note(Answer.REFUSED, HERE, 100.0) is Verdict.OPEN
    assert one.note(Answer.REFUSED, HERE, 100.049) is Verdict.OPEN
    assert one.note(Answer.REFUSED, HERE, 100.051) is Verdict.REFUSED


def test_whoever_listened_between_two_refusals_takes_back_the_first() -> None:
    one = suspicion()
    one.note(Answer.REFUSED, HERE, 100.0)
    one.note(Answer.CLOSED, HERE, 100.1)
    assert one.note(Answer.REFUSED, HERE, 100.2) is Verdict.OPEN
    assert one.note(Answer.REFUSED, HERE, 100.4) is Verdict.REFUSED


def test_the_welcome_of_the_suspect_ends_the_suspicion() -> None:
    one = suspicion()
    one.note(Answer.REFUSED, HERE, 100.0)
    assert one.note(Answer.WELCOMED, HERE, 100.1) is Verdict.ALIVE


def test_it_is_asked_at_once_then_after_50_100_200_400_ms_then_every_second_until_the_window_ends() -> None:
    one, now, pauses = suspicion(), 100.0, []
    assert one.next_at == now
    while one.note(Answer.UNREACHABLE, HERE, now) is Verdict.OPEN:
        pauses.append(round(one.next_at - now, 3))
        now = one.next_at
    assert pauses[:4] == [0.05, 0.1, 0.2, 0.4]
    assert set(pauses[4:]) == {1.0}
    assert 100.0 + WINDOW <= now < 100.0 + WINDOW + 1.0


def test_it_is_slow_when_the_quick_questions_are_over_or_a_second_has_passed() -> None:
    quick = suspicion()
    for number in range(4):
        quick.note(Answer.UNREACHABLE, HERE, 100.0 + number / 100)
        assert not quick.is_slow
    quick.note(Answer.UNREACHABLE, HERE, 100.2)
    assert quick.is_slow
    waited = suspicion()
    waited.note(Answer.TIMED_OUT, HERE, 102.0)
    assert waited.is_slow
