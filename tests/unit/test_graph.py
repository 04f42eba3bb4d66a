"""The scalar graph: forward values, slopes, backpropagation, and what it says when it is misused."""

import gc
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import kernels
from helpers.gradients import numerical_gradient, relative_error
from helpers.graph import Value, topological_order

NUMBERS = st.floats(-5, 5).filter(lambda x: abs(x) > 0.1)
POSITIVE = st.floats(0.1, 5)

# name → the operation, its value and slopes in closed form
BINARY = {
    "+": (lambda a, b: a + b, lambda a, b: (a + b, 1, 1)),
    "-": (lambda a, b: a - b, lambda a, b: (a - b, 1, -1)),
    "*": (lambda a, b: a * b, lambda a, b: (a * b, b, a)),
    "/": (lambda a, b: a / b, lambda a, b: (a / b, 1 / b, -a / b**2)),
}
UNARY = {
    "neg": (lambda x: -x, lambda x: (-x, -1)),
    "relu": (lambda x: x.relu(), lambda x: (x, 1) if x > 0 else (0, 0)),
    "exp": (lambda x: x.exp(), lambda x: (math.exp(x), math.exp(x))),
    "**3": (lambda x: x**3, lambda x: (x * x * x, 3 * x * x)),
    "**1": (lambda x: x**1, lambda x: (x, 1)),
    "**0": (lambda x: x**0, lambda x: (1, 0)),
    "**-2": (lambda x: x**-2, lambda x: (1 / (x * x), -2 / (x * x * x))),
}
POSITIVE_ONLY = {
    "log": (lambda x: x.log(), lambda x: (math.log(x), 1 / x)),
    "**0.5": (lambda x: x**0.5, lambda x: (math.sqrt(x), 0.5 / math.sqrt(x))),
}


def grads(output, *nodes):
    output.backward()
    return [node.grad for node in nodes]


def agree(function, numbers, expected):
    leaves = [Value(number) for number in numbers]
    output = function(*leaves)
    assert [output.data, *grads(output, *leaves)] == pytest.approx(expected, rel=1e-12, abs=1e-300)
    x = np.array(numbers)
    assert relative_error(numerical_gradient(lambda: function(*map(Value, x)).data, x), expected[1:]) <= 1e-6


@pytest.mark.parametrize("name", BINARY)
@given(a=NUMBERS, b=NUMBERS)
def test_binary_operations(name, a, b):
    function, closed_form = BINARY[name]
    agree(function, (a, b), closed_form(a, b))


@pytest.mark.parametrize("name", UNARY)
@given(x=NUMBERS)
def test_unary_operations(name, x):
    function, closed_form = UNARY[name]
    agree(function, (x,), closed_form(x))


@pytest.mark.parametrize("name", POSITIVE_ONLY)
@given(x=POSITIVE)
def test_operations_of_positive_numbers(name, x):
    function, closed_form = POSITIVE_ONLY[name]
    agree(function, (x,), closed_form(x))


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("kind", [int, float, Fraction, np.float32, np.float64, np.int64])
def test_plain_numbers_on_either_side(name, kind):
    function, closed_form = BINARY[name]
    x = Value(4)
    value, da, db = closed_form(4, 2)
    left = function(x, kind(2))
    assert (left.data, *grads(left, x)) == (value, da)
    x = Value(2)
    right = function(kind(4), x)
    assert (right.data, *grads(right, x)) == (value, db)


def test_relu_has_slope_0_at_0_as_in_kernels():
    x = Value(0)
    assert grads(x.relu(), x) == [0] == kernels.relu_backward(np.ones(1), kernels.relu(np.zeros(1))).tolist()


def test_powers_of_zero():
    for exponent, value, slope in [(0, 1, 0), (1, 0, 1), (2, 0, 0), (1.5, 0, 0)]:
        x = Value(0)
        assert [(x**exponent).data, *grads(x**exponent, x)] == [value, slope]


def test_random_expressions(expression, floats):
    leaves = [Value(number) for number in expression.leaves]
    output = expression(leaves, Value)
    assert output.data == pytest.approx(expression(expression.leaves, floats), rel=1e-12)
    x = np.array(expression.leaves)
    numerical = numerical_gradient(lambda: expression(x.tolist(), floats), x)
    assert relative_error(grads(output, *leaves), numerical) <= 1e-6


# ── the graph ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_node_records():
    x, y = Value(2, name="x"), Value(-3, name="y")
    assert (x.data, x.grad, x.name, x.op, x.parents, x.slopes) == (2.0, 0.0, "x", "", (), ())
    assert type(x.data) is float
    for node, op, parents, slopes in [
        (x + y, "+", (x, y), (1, 1)),
        (x * y, "×", (x, y), (-3, 2)),
        (x.relu(), "relu", (x,), (1,)),
        (y.relu(), "relu", (y,), (0,)),
        (x.exp(), "exp", (x,), (math.exp(2),)),
        (x.log(), "log", (x,), (0.5,)),
        (x**3, "**3", (x,), (12,)),
        (x**-1, "**-1", (x,), (-0.25,)),
        (x**0.5, "**0.5", (x,), (0.5 / math.sqrt(2),)),
    ]:
        assert (node.op, node.parents, node.grad, node.name) == (op, parents, 0, "")
        assert node.slopes == pytest.approx(slopes, rel=1e-15)


@pytest.mark.parametrize(
    ("function", "ops"),
    [
        (lambda a, b: -a, ["", "", "×"]),
        (lambda a, b: a - b, ["", "", "", "×", "+"]),
        (lambda a, b: 1 - b, ["", "", "", "×", "+"]),
        (lambda a, b: a / b, ["", "", "**-1", "×"]),
        (lambda a, b: 1 / b, ["", "", "**-1", "×"]),
    ],
)
def test_minus_and_division_are_made_of_other_nodes(function, ops):
    assert [node.op for node in topological_order(function(Value(1), Value(2)))] == ops


def test_plain_numbers_keep_their_side():
    x = Value(3)
    assert [p.data for p in (2 + x).parents] == [2, 3]
    assert [p.data for p in (2 * x).parents] == [2, 3]
    assert [p.data for p in (x + 2).parents] == [3, 2]


def test_order_lists_each_node_once_and_parents_first():
    x, y = Value(2), Value(3)
    product = x * y
    total = product + x
    output = total * product
    assert topological_order(output) == [x, y, product, total, output]
    assert topological_order(x) == [x]


def test_order_of_random_expressions(expression):
    order = topological_order(expression([Value(number) for number in expression.leaves], Value))
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert all(place[parent] < place[node] for node in order for parent in node.parents)


def test_gradients_of_every_node_of_an_example():
    # f = relu(w·x + b), all of it done by hand
    w, x, b = Value(2), Value(3), Value(-1)
    product = w * x
    z = product + b
    f = z.relu()
    assert f.data == 5
    assert grads(f, f, z, product, b, w, x) == [1, 1, 1, 1, 3, 2]


def test_contributions_of_a_node_used_twice_add_up():
    x = Value(3)
    assert grads(x + x, x) == [2]
    assert grads(x * x, x) == [6]
    assert grads(x - x, x) == [0]
    assert grads(x / x, x) == [pytest.approx(0, abs=1e-15)]
    y = x * 2
    assert grads(y * x + y, x, y) == [14, 4]  # 2x² + 2x


def test_backward_twice_gives_the_same_grads():
    x, y = Value(2), Value(3)
    z = x * y + x
    assert grads(z, x, y, z) == grads(z, x, y, z) == [4, 2, 1]


def test_backward_from_two_outputs():
    x = Value(2)
    square, other = x * x, x * 5
    assert grads(square, x) == [4]
    assert grads(other, x) == [5]
    assert grads(square, x) == [4]
    assert square.grad == 1
    assert other.grad == 1  # not in the second graph: left alone


def test_backward_of_a_leaf():
    x = Value(2)
    assert grads(x, x) == [1]


def test_a_few_steps_downhill():
    w = Value(0)
    for _ in range(100):
        loss = (w * 2 - 6) ** 2
        loss.backward()
        w.data -= 0.1 * w.grad
    assert w.data == pytest.approx(3)


# ── size ────────────────────────────────────────────────────────────────────────────────────────────────────────────

LONG = 100_000


def test_long_chain():
    x = y = Value(1)
    for _ in range(LONG):
        y = y + 1
    assert len(topological_order(y)) == 2 * LONG + 1
    assert (y.data, *grads(y, x)) == (LONG + 1, 1)
    del y  # 100 000 nested tuples go at once
    gc.collect()


def test_long_chain_that_reuses_one_node():
    x = y = Value(1)
    for _ in range(LONG):
        y = y + x
    assert len(topological_order(y)) == LONG + 1
    assert (y.data, *grads(y, x)) == (LONG + 1, LONG + 1)


def test_letting_go_of_a_million_nodes():
    y = Value(1)
    for _ in range(1_000_000):
        y = y.relu()
    del y


def test_60_diamonds_take_60_steps():
    x = y = Value(1)  # 2**60 paths lead from x to y
    for _ in range(60):
        y = y + y
    assert len(topological_order(y)) == 61
    assert (y.data, *grads(y, x)) == (2.0**60, 2.0**60)


# ── in words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_repr():
    assert repr(Value(6, name="z")) == str(Value(6, name="z")) == "Value(6.0, name='z')"
    assert repr(Value(-0.5)) == "Value(-0.5)"
    assert repr(Value(np.float64(2)) * np.float64(3)) == "Value(6.0)"


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda x: x / 0, ValueError, r"^Value\(2\.0, name='x'\) / Value\(0\.0\) divides by zero: .* must not be 0$"),
        (lambda x: 1 / (x - 2), ValueError, r"^Value\(1\.0\) / Value\(0\.0\) divides by zero"),
        (lambda x: 1 / Value(-0.0), ValueError, "divides by zero"),
        (lambda x: Value(0) ** -1, ValueError, r"^Value\(0\.0\) \*\* -1 has no finite value: the base must not be 0"),
        (
            lambda x: Value(0) ** 0.5,
            ValueError,
            r"^Value\(0\.0\) \*\* 0\.5 has no finite slope: the base must not be 0",
        ),
        (lambda x: (-x) ** 0.5, ValueError, r"^Value\(-2\.0\) \*\* 0\.5 is not a real number: .* a whole exponent$"),
        (lambda x: Value(0).log(), ValueError, r"^log needs a number > 0, but got Value\(0\.0\): keep it above 0"),
        (lambda x: (-x).log(), ValueError, r"^log needs a number > 0, but got Value\(-2\.0\)"),
        (lambda x: (x * 500).exp(), ValueError, r"^'exp' of Value\(1000\.0\) has .*: scale what goes in$"),
        (lambda x: x**5000, ValueError, r"^'\*\*5000' of Value\(2\.0, name='x'\) has .*: scale what goes in$"),
        (
            lambda x: x * 1e308,
            ValueError,
            r"^'×' of Value\(2\.0, name='x'\) and Value\(1e\+308\) has .*: scale what goes in$",
        ),
        (lambda x: Value(1e308) + 1e308, ValueError, r"^'\+' of Value\(1e\+308\) and Value\(1e\+308\) has .*: scale"),
        (lambda x: Value(1e-320).log(), ValueError, r"^'log' of Value\(1e-320\) has a value or slope beyond 1\.8e308"),
        (lambda x: 1 / Value(1e-200), ValueError, r"^'\*\*-1' of Value\(1e-200\) has a value or slope beyond 1\.8e308"),
        (
            lambda x: x**x,
            TypeError,
            r"^an exponent must be a plain number, but got Value\(2\.0, name='x'\): write a\*\*b",
        ),
        (
            lambda x: 2**x,
            TypeError,
            r"^an exponent must be a plain number, but got Value\(2\.0, name='x'\): write a\*\*b",
        ),
        (lambda x: x ** "3", TypeError, r"^an exponent must be one plain number, .*, but got str"),
        (lambda x: x**math.inf, ValueError, r"^an exponent must be a finite number, but got inf"),
        (lambda x: Value(math.nan), ValueError, r"^a Value must be a finite number, but got nan: look at where"),
        (lambda x: Value(-math.inf), ValueError, r"^a Value must be a finite number, but got -inf"),
        (lambda x: Value(np.float32(math.inf)), ValueError, r"^a Value must be a finite number, but got inf"),
        (lambda x: x + 10**309, ValueError, r"^a Value must be a finite number, but got inf"),
        (Value, TypeError, r"^a Value must be one plain number, such as 2 or 0\.5, but got Value"),
    ],
)
def test_errors(function, error, message):
    with pytest.raises(error, match=message):
        function(Value(2, name="x"))


@pytest.mark.parametrize(
    ("other", "kind"), [("3", "str"), (None, "NoneType"), (np.ones(2), "ndarray"), ([1], "list"), (1j, "complex")]
)
def test_not_a_number(other, kind):
    x = Value(2)
    message = (
        rf"^a Value must be one plain number, such as 2 or 0\.5, but got {kind}: give a number; .* for each element$"
    )
    for operation in [
        Value,
        lambda other: x + other,
        lambda other: other + x,
        lambda other: x - other,
        lambda other: other - x,
        lambda other: x * other,
        lambda other: other * x,
        lambda other: x / other,
        lambda other: other / x,
    ]:
        with pytest.raises(TypeError, match=message):
            operation(other)


@given(x=st.floats(), y=st.floats(), n=st.integers(-5, 5))
def test_nothing_but_finite_numbers_or_our_errors(x, y, n):
    problem, order = "", []
    try:
        a, b = Value(x), Value(y)
        order = topological_order((a / b) ** n * a.exp() + (a * b).relu() - b.log())
    except ValueError as error:
        problem = str(error)
    assert all(math.isfinite(number) for node in order for number in (node.data, *node.slopes))
    assert order or any(words in problem for words in ("finite", "divides", "log needs", "1.8e308"))
