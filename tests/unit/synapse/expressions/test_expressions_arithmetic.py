"""Arithmetic of `${…}` against Python's integers and decimals."""

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from micro_integrator.synapse.expressions import compile_expression
from micro_integrator.synapse.expressions.values import double_text
from micro_integrator.synapse.message import Message

INTEGERS = st.integers(-(10**18), 10**18)
DECIMALS = st.decimals("-1000000", "1000000", places=3)


def result(left: object, symbol: str, right: object) -> object:
    message = Message()
    message.variables.update(a=left, b=right)
    return compile_expression(f"${{vars.a {symbol} vars.b}}", {}).value(message)


@given(INTEGERS, INTEGERS)
def test_whole_numbers_stay_exact(left: int, right: int) -> None:
    assert result(left, "+", right) == left + right
    assert result(left, "-", right) == left - right
    assert result(left, "*", right) == left * right
    assert result(left, "<", right) is (left < right)


@given(INTEGERS, INTEGERS)
def test_a_quotient_is_whole_exactly_when_it_can_be(left: int, right: int) -> None:
    assume(right != 0)
    quotient = result(left, "/", right)
    assert isinstance(quotient, int) is (left % right == 0)
    assert quotient == (left // right if left % right == 0 else left / right)


@given(INTEGERS, INTEGERS)
def test_a_remainder_has_the_sign_of_the_dividend(left: int, right: int) -> None:
    assume(right != 0)
    rest = result(left, "%", right)
    assert rest == abs(left) % abs(right) * (-1 if left < 0 else 1)
    assert (left - rest) % right == 0


@given(DECIMALS, DECIMALS)
def test_decimals_are_calculated_digit_by_digit(left: Decimal, right: Decimal) -> None:
    assert result(left, "+", right) == float(left + right)
    assert result(left, "-", right) == float(left - right)
    assert result(left, "*", right) == float(left * right)
    assert result(left, ">=", right) is (left >= right)


@given(DECIMALS, st.sampled_from(["+", "-", "*"]))
def test_a_double_counts_as_the_digits_it_shows(number: Decimal, symbol: str) -> None:
    assert result(float(number), symbol, 0.1) == result(number, symbol, Decimal("0.1"))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_double_reads_back_as_the_same_double(number: float) -> None:
    text = double_text(number)
    assert float(text) == number
    assert "." in text


@given(INTEGERS, INTEGERS, INTEGERS)
def test_multiplication_binds_tighter_and_equal_operators_go_from_the_left(a: int, b: int, c: int) -> None:
    message = Message()
    message.variables.update(a=a, b=b, c=c)
    assert compile_expression("${vars.a - vars.b - vars.c}", {}).value(message) == a - b - c
    assert compile_expression("${vars.a + vars.b * vars.c}", {}).value(message) == a + b * c
    assert compile_expression("${vars.a < vars.b && vars.b < vars.c}", {}).value(message) is (a < b < c)
