"""The loops against NumPy: equal results, the same refusals, inputs left alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers import naive

many = settings(max_examples=500, deadline=None)
kinds = st.sampled_from(["float64", "float32", "int64"])
lengths = st.integers(0, 5)
# `add` does not broadcast: without the length 1 there is nothing that NumPy would stretch.
no_ones = st.sampled_from([0, 2, 3, 4, 5])


@st.composite
def arrays(draw, *shape):
    """Numbers in an array whose lengths are drawn, or given."""
    shape = tuple(n if isinstance(n, int) else draw(n) for n in shape)
    kind = draw(kinds)
    # Quarters, small enough that every sum of products is exact in float32: then the order of adding plays no part.
    elements = st.integers(-999, 999)
    whole = draw(hnp.arrays("int64", shape, elements=elements))
    return whole if kind == "int64" else (whole / 4).astype(kind)


def answer(f, *inputs):
    """What f returns, or None if it refuses; and whether it left its inputs as they were."""
    before = [x.copy() for x in inputs]
    try:
        result = f(*inputs)
    except ValueError:
        result = None
    for x, copy in zip(inputs, before):
        np.testing.assert_array_equal(x, copy)
        assert result is None or not np.shares_memory(result, x)
    return result


def same(f, numpy, *inputs):
    """f and NumPy both refuse, or both return the same."""
    ours, theirs = answer(f, *inputs), answer(numpy, *inputs)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_array_equal(ours, theirs)


# ── element-wise ────────────────────────────────────────────────────────────────────────────────────────────────────


@many
@given(arrays(lengths, lengths))
def test_relu_is_numpys(z):
    a = answer(naive.relu, z)
    np.testing.assert_array_equal(a, np.maximum(z, 0), strict=True)


@many
@given(arrays(no_ones, no_ones), arrays(no_ones, no_ones))
def test_add_is_numpys(x, y):
    same(naive.add, np.add, x, y)


@many
@given(st.data(), lengths, lengths)
def test_add_is_numpys_where_shapes_are_equal(data, rows, columns):
    x, y = data.draw(arrays(rows, columns)), data.draw(arrays(rows, columns))
    np.testing.assert_array_equal(answer(naive.add, x, y), x + y, strict=True)


@many
@given(arrays(no_ones, no_ones), arrays(no_ones))
def test_add_matrix_and_vector_is_numpys(x, b):
    same(naive.add_matrix_and_vector, np.add, x, b)


@many
@given(st.data(), lengths, lengths)
def test_add_matrix_and_vector_is_numpys_where_shapes_fit(data, samples, units):
    x, b = data.draw(arrays(samples, units)), data.draw(arrays(units))
    np.testing.assert_array_equal(answer(naive.add_matrix_and_vector, x, b), x + b, strict=True)


def test_relu_and_add_by_hand():
    z = [[-1.5, 0.0, 2.0], [3.0, -4.0, -0.5]]
    assert naive.relu(z).tolist() == [[0, 0, 2], [3, 0, 0]]
    assert naive.add([[1, 2], [3, 4]], [[10, 20], [30, 40]]).tolist() == [[11, 22], [33, 44]]
    assert naive.add_matrix_and_vector([[1, 2], [3, 4], [5, 6]], [10, 20]).tolist() == [[11, 22], [13, 24], [15, 26]]


def test_relu_keeps_what_is_not_a_number():
    np.testing.assert_array_equal(naive.relu([[np.nan, np.inf, -np.inf]]), [[np.nan, np.inf, 0]])


def test_add_does_not_broadcast():
    for x, y in [((2, 3), (1, 3)), ((2, 3), (2, 1)), ((1, 1), (4, 5))]:
        assert answer(naive.add, np.zeros(x), np.zeros(y)) is None
    assert answer(naive.add_matrix_and_vector, np.zeros((2, 3)), np.zeros(1)) is None


# ── dot products ────────────────────────────────────────────────────────────────────────────────────────────────────


@many
@given(arrays(lengths), arrays(lengths))
def test_vector_dot_is_numpys(x, y):
    same(naive.vector_dot, np.dot, x, y)


@many
@given(arrays(lengths, lengths), arrays(lengths))
def test_matrix_vector_dot_is_numpys(W, x):
    same(naive.matrix_vector_dot, np.matmul, W, x)


@many
@given(arrays(lengths, lengths), arrays(lengths, lengths))
def test_matrix_dot_is_numpys(x, y):
    same(naive.matrix_dot, np.matmul, x, y)


@many
@given(st.data(), lengths, lengths, lengths)
def test_dots_are_numpys_where_shapes_fit(data, a, b, c):
    x, y = data.draw(arrays(a, b)), data.draw(arrays(b, c))
    same(naive.matrix_dot, np.matmul, x, y)
    same(naive.matrix_vector_dot, np.matmul, x, data.draw(arrays(b)))
    same(naive.vector_dot, np.dot, data.draw(arrays(b)), data.draw(arrays(b)))
    assert naive.matrix_dot(x, y).dtype == (x @ y).dtype


def test_dots_by_hand():
    assert naive.vector_dot([1, 2, 3], [4, 5, 6]) == 4 + 10 + 18
    assert naive.matrix_vector_dot([[1, 2, 3], [0, -1, 1]], [4, 5, 6]).tolist() == [32, 1]
    assert naive.matrix_dot([[1, 2], [3, 4], [5, 6]], [[1, 0, -1], [2, 1, 0]]).tolist() == [
        [5, 2, -1],
        [11, 4, -3],
        [17, 6, -5],
    ]


def test_the_order_of_a_matrix_product_matters():
    x, y = np.array([[1, 2], [3, 4]]), np.array([[0, 1], [1, 0]])
    assert naive.matrix_dot(x, y).tolist() == [[2, 1], [4, 3]]
    assert naive.matrix_dot(y, x).tolist() == [[3, 4], [1, 2]]


# ── reshaping ───────────────────────────────────────────────────────────────────────────────────────────────────────

small = st.lists(st.integers(0, 4), max_size=3)


@many
@given(st.data(), small, st.lists(st.integers(-1, 12), max_size=3))
def test_reshape_is_numpys(data, old, new):
    x = data.draw(arrays(*old))
    ours = answer(lambda x: naive.reshape(x, tuple(new)), x)
    theirs = answer(lambda x: x.reshape(tuple(new)).copy(), x)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        np.testing.assert_array_equal(ours, theirs, strict=True)


@many
@given(st.data(), small)
def test_reshape_is_numpys_where_shapes_fit(data, shape):
    x = data.draw(arrays(*shape))
    new = list(data.draw(st.permutations(shape)))
    if new and x.size:
        new[data.draw(st.integers(0, len(new) - 1))] = data.draw(st.sampled_from([-1, new[0]]))
    ours, theirs = answer(lambda x: naive.reshape(x, new), x), answer(lambda x: x.reshape(new).copy(), x)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        np.testing.assert_array_equal(ours, theirs, strict=True)


def test_reshape_by_hand():
    x = [[0, 1], [2, 3], [4, 5]]
    assert naive.reshape(x, (6, 1)).tolist() == [[0], [1], [2], [3], [4], [5]]
    assert naive.reshape(x, (2, 3)).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert naive.reshape(x, -1).tolist() == [0, 1, 2, 3, 4, 5]
    assert naive.reshape(np.array(x).T, 6).tolist() == [0, 2, 4, 1, 3, 5]
    assert naive.reshape(7, (1, 1)).tolist() == [[7]]


def test_place_counts_like_a_clock():
    assert [naive.place(i, (2, 3)) for i in range(6)] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert naive.place(59_999, (60_000,)) == (59_999,)
    assert naive.place(0, ()) == ()


# ── refusals in words ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("f", "shapes", "words"),
    [
        (naive.relu, [(3,)], r"relu: z must be a matrix.*\(3,\)"),
        (naive.add, [(2, 3), (3, 2)], r"x has shape \(2, 3\) and y has shape \(3, 2\); the two must be equal"),
        (naive.add, [(2, 3), (3,)], r"add: y must be a matrix.*\(3,\)"),
        (naive.add_matrix_and_vector, [(2, 3), (2,)], "the 3 columns of x must equal the 2 numbers of b"),
        (naive.add_matrix_and_vector, [(2, 3), (1, 3)], "b must be a vector"),
        (naive.vector_dot, [(3,), (4,)], r"x has shape \(3,\) and y has shape \(4,\)"),
        (naive.matrix_vector_dot, [(2, 3), (2,)], "the 3 columns of W must equal the 2 numbers of x"),
        (naive.matrix_dot, [(2, 3), (4, 5)], "the 3 columns of x must equal the 4 rows of y"),
        (naive.matrix_dot, [(2, 3), (2, 3, 4)], "y must be a matrix"),
    ],
)
def test_a_refusal_names_the_shapes(f, shapes, words):
    with pytest.raises(ValueError, match=words):
        f(*[np.ones(shape) for shape in shapes])


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((4, 2), r"x has shape \(2, 3\), so 6 numbers; \(4, 2\) has 8 places"),
        ((4, -1), r"no length in place of the -1 in \(4, -1\)"),
        ((-1, -1), "only one length may be -1"),
        ((-2, 3), "none may be less"),
    ],
)
def test_reshape_refuses_in_words(shape, words):
    with pytest.raises(ValueError, match=words):
        naive.reshape(np.ones((2, 3)), shape)
