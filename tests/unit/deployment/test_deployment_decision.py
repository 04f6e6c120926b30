from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.deployment.decision import Claim, Name, Refusal, refusals

NAMES = st.lists(st.sampled_from([Name("entry", letter) for letter in "abc"]), max_size=2, unique=True).map(
    tuple
)
PATHS = st.lists(st.sampled_from(["1.xml", "2.xml", "3.xml", "4.xml"]), unique=True)


def claim(path: str, *names: str, **more: object) -> Claim:
    return Claim(path, tuple(Name("entry", name) for name in names), **more)  # type: ignore[arg-type]


def test_what_stands_keeps_its_name() -> None:
    refused = refusals([claim("b.xml", "x")], [claim("a.xml", "x")])
    assert refused == {"a.xml": Refusal(Name("entry", "x"), "b.xml")}


def test_of_two_newcomers_the_first_is_taken() -> None:
    assert set(refusals([], [claim("a.xml", "x"), claim("b.xml", "x")])) == {"b.xml"}


def test_an_update_may_keep_its_own_names() -> None:
    assert not refusals([claim("a.xml", "x")], [claim("a.xml", "x", "y")])


def test_two_updates_may_exchange_names() -> None:
    standing = [claim("a.xml", "x"), claim("b.xml", "y")]
    assert not refusals(standing, [claim("a.xml", "y"), claim("b.xml", "x")])


def test_a_refused_update_gets_its_old_names_back() -> None:
    standing = [claim("a.xml", "x"), claim("b.xml", "y")]
    refused = refusals(standing, [claim("a.xml", "y"), claim("c.xml", "x")])
    assert set(refused) == {"a.xml", "c.xml"}


def test_an_application_waits_for_the_one_it_needs() -> None:
    waiting = claim("a.car", "x", needs=("base",))
    assert refusals([], [waiting]) == {"a.car": Refusal(missing="base")}
    assert not refusals([], [waiting, claim("b.car", id="base")])
    assert not refusals([claim("b.car", id="base")], [waiting])


def test_an_application_waits_when_the_one_it_needs_is_refused() -> None:
    arriving = [claim("base.car", "x", id="base"), claim("a.car", "y", needs=("base",))]
    assert set(refusals([claim("0.xml", "x")], arriving)) == {"base.car", "a.car"}


@given(st.data(), PATHS, PATHS)
def test_nothing_is_ever_given_twice(data: st.DataObject, standing: list[str], arriving: list[str]) -> None:
    taken = [Claim(path, (Name("entry", f"own {path}"),)) for path in standing]
    wanted = [Claim(path, data.draw(NAMES)) for path in arriving]
    refused = refusals(taken, wanted)
    assert set(refused) <= set(arriving)
    assert _is_free_of_duplicates(taken, wanted, refused)


def _is_free_of_duplicates(
    taken: Sequence[Claim], wanted: Sequence[Claim], refused: dict[str, Refusal]
) -> bool:
    updated = {claim.path for claim in wanted if claim.path not in refused}
    in_force = [claim for claim in taken if claim.path not in updated]
    in_force += [claim for claim in wanted if claim.path in updated]
    names = [name for claim in in_force for name in claim.names]
    return len(names) == len(set(names))
