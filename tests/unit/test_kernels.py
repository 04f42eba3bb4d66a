"""Every kernel: its forward against a formula written plainly, its backward against the numerical gradient."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import kernels as k
from helpers.gradients import numerical_gradient, relative_error

SHAPES = [(1, 1), (1, 4), (3, 1), (5, 7), (8, 3)]
ONE_HOT_LOSSES = ["categorical", "softmax_fused"]


def rng(seed=0):
    return np.random.default_rng(seed)


def away_from_zero(shape, seed=0):
    """Random numbers with |z| ≥ 0.1: at a kink (relu at 0) a numerical gradient measures nothing."""
    r = rng(seed)
    return r.uniform(0.1, 2, shape) * r.choice([-1.0, 1.0], shape)


def one_hot(shape, seed=0):
    return np.eye(shape[1])[rng(seed).integers(0, shape[1], shape[0])]


def bits(a):
    return a.dtype, a.shape, a.tobytes()


# ── affine ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_affine_by_hand():
    x, W, b = np.array([[1.0, 2.0]]), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([10.0, 20.0, 30.0])
    assert k.affine(x, W, b).tolist() == [[19, 32, 45]]
    assert k.affine(x, W, None).tolist() == [[9, 12, 15]]


def test_affine_backward_by_hand():
    # Two samples, so that a mean where a sum belongs, or a wrong axis, shows.
    x, W, dz = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [6.0]]), np.array([[1.0], [10.0]])
    dx, dW, db = k.affine_backward(dz, x, W)
    assert dx.tolist() == [[5, 6], [50, 60]]
    assert dW.tolist() == [[31], [42]]
    assert db.tolist() == [11]


@pytest.mark.parametrize("samples", [1, 4])
@pytest.mark.parametrize("inputs", [1, 3])
@pytest.mark.parametrize("units", [1, 5])
def test_affine_backward_is_the_gradient(samples, inputs, units):
    r = rng(samples + inputs + units)
    x, W, b = r.normal(size=(samples, inputs)), r.normal(size=(inputs, units)), r.normal(size=units)
    weight = r.normal(size=(samples, units))  # a random weighted sum makes every output count differently

    def f():
        return np.sum(weight * k.affine(x, W, b))

    for found, array in zip(k.affine_backward(weight, x, W), (x, W, b)):
        assert relative_error(found, numerical_gradient(f, array)) <= 1e-6


def test_affine_backward_without_dx():
    r = rng()
    dz, x, W = r.normal(size=(4, 2)), r.normal(size=(4, 3)), r.normal(size=(3, 2))
    untouched = np.full((4, 3), 7.0)
    dx, dW, db = k.affine_backward(dz, x, W, out=(untouched, None, None), need_dx=False)
    assert dx is None
    assert (untouched == 7).all()
    np.testing.assert_array_equal(dW, x.T @ dz)
    np.testing.assert_array_equal(db, dz.sum(axis=0))


def test_affine_out_is_written_and_returned():
    r = rng()
    x, W, b, dz = r.normal(size=(4, 3)), r.normal(size=(3, 2)), r.normal(size=2), r.normal(size=(4, 2))
    z = np.full((4, 2), np.nan)
    assert k.affine(x, W, b, out=z) is z
    assert bits(z) == bits(k.affine(x, W, b))
    out = np.full((4, 3), np.nan), np.full((3, 2), np.nan), np.full(2, np.nan)
    for into, returned, fresh in zip(out, k.affine_backward(dz, x, W, out=out), k.affine_backward(dz, x, W)):
        assert returned is into
        assert bits(into) == bits(fresh)


# ── activations ─────────────────────────────────────────────────────────────────────────────────────────────────────

FORMULAS = {
    "linear": lambda z: z,
    "relu": lambda z: np.where(z > 0, z, 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True),
}


def test_every_activation_is_tested():
    assert set(FORMULAS) == set(k.ACTIVATIONS)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_activation_matches_its_formula(name, shape):
    z = away_from_zero(shape)
    np.testing.assert_allclose(k.ACTIVATIONS[name][0](z), FORMULAS[name](z), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_activation_backward_is_the_gradient(name, shape):
    forward, backward = k.ACTIVATIONS[name]
    z, weight = away_from_zero(shape, 1), rng(2).normal(size=shape)
    found = backward(weight.copy(), forward(z))
    expected = numerical_gradient(lambda: np.sum(weight * forward(z)), z)
    if name == "softmax" and shape[1] == 1:  # one class: always 1, so the gradient is 0 up to rounding
        np.testing.assert_allclose(found, 0, atol=1e-12)
    else:
        assert relative_error(found, expected) <= 1e-6


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 1), (128, 10), (2, 3, 5)])
def test_the_fast_relu_is_the_plain_one_bit_for_bit(shape, dtype):
    z = np.array(rng().normal(size=shape) * 3).astype(dtype)
    if dtype != "int64" and z.size > 4:
        z.flat[:5] = np.nan, np.inf, -np.inf, -0.0, -np.nan
    out = np.empty_like(z)
    assert k.relu(z, out=out) is out
    assert bits(out) == bits(np.asarray(np.maximum(z, 0)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FORMULAS)
def test_activation_out(name, dtype):
    forward, backward = k.ACTIVATIONS[name]
    z = away_from_zero((4, 3)).astype(dtype)
    before = z.copy()
    a = forward(z)
    assert a.dtype == dtype
    assert bits(z) == bits(before)
    out = np.full_like(z, np.nan)
    assert forward(z, out=out) is out
    assert bits(out) == bits(a)
    assert bits(z) == bits(before)
    assert forward(z, out=z) is z  # in place
    assert bits(z) == bits(a)

    a, da = np.array(a), rng(3).normal(size=z.shape).astype(dtype)
    a_before, da_before = a.copy(), da.copy()
    dz = backward(da, a)
    assert dz.dtype == dtype
    assert bits(da) == bits(da_before)
    out = np.full_like(da, np.nan)
    assert backward(da, a, out=out) is out
    assert bits(out) == bits(dz)
    assert bits(da) == bits(da_before)
    assert backward(da, a, out=da) is da
    assert bits(da) == bits(dz)
    assert bits(a) == bits(a_before)


def test_relu_and_its_slope_at_zero():
    a = k.relu(np.array([-1.0, 0.0, 2.0]))
    assert a.tolist() == [0, 0, 2]
    assert k.relu_backward(np.array([5.0, 5.0, 5.0]), a).tolist() == [0, 0, 5]


def test_known_values():
    assert k.sigmoid(np.array([0.0, np.log(3)])).tolist() == pytest.approx([0.5, 0.75])
    assert k.tanh(np.array([0.0, np.log(2)])).tolist() == pytest.approx([0, 0.6])
    assert k.softmax(np.log([[1.0, 2.0, 5.0]])).tolist() == [pytest.approx([0.125, 0.25, 0.625])]


def test_softmax_takes_whole_numbers():
    # A reader's first call: softmax(np.array([1, 2, 3])).
    np.testing.assert_allclose(k.softmax(np.array([1, 2, 3])), FORMULAS["softmax"](np.array([1.0, 2.0, 3.0])))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_activations_of_huge_scores_are_finite(dtype):
    # RuntimeWarning is an error in this project, so an overflow inside would fail here too.
    z = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [1e4, 1e4, -1e4]], dtype)
    assert k.sigmoid(z).tolist() == [[1, 0, 0.5], [0, 0, 0], [1, 1, 0]]
    assert k.softmax(z).tolist() == [[1, 0, 0], pytest.approx([1 / 3] * 3), [0.5, 0.5, 0]]
    for forward, backward in k.ACTIVATIONS.values():
        assert np.isfinite(backward(np.ones_like(z), forward(z))).all()


shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))
seeds = st.integers(0, 2**32 - 1)


@given(shapes, seeds, st.sampled_from([0.01, 1, 100, 1e4]), st.sampled_from(["float32", "float64"]))
def test_softmax_is_a_distribution(shape, seed, scale, dtype):
    z = (scale * rng(seed).normal(size=shape)).astype(dtype)
    a = k.softmax(z)
    assert a.dtype == dtype
    assert (a >= 0).all()
    np.testing.assert_allclose(a.sum(axis=-1), 1, rtol=1e-6)
    # Adding one number to all scores of a row changes nothing.
    np.testing.assert_allclose(k.softmax(z + 3), a, atol=2e-3 if dtype == "float32" else 1e-9)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), seeds)
def test_activations_keep_any_shape_and_bounds(shape, seed):
    z = 10 * rng(seed).normal(size=shape)
    for name, (forward, backward) in k.ACTIVATIONS.items():
        a = forward(z)
        assert a.shape == z.shape
        assert backward(np.ones_like(z), a).shape == z.shape
        if name in ("sigmoid", "tanh", "softmax"):
            assert (np.abs(a) <= 1).all()
        if name in ("relu", "sigmoid", "softmax"):
            assert (a >= 0).all()


# ── losses ──────────────────────────────────────────────────────────────────────────────────────────────────────────

# name → forward (y_true, y_pred or z), the same as a plain formula, backward, inputs of a shape
LOSSES = {
    "categorical": (
        k.categorical_crossentropy,
        lambda y, p: [-np.log((row / row.sum())[label.argmax()]) for row, label in zip(p, y)],
        k.categorical_crossentropy_backward,
        lambda shape: (one_hot(shape), rng(1).uniform(0.1, 0.9, shape)),  # rows that do not sum to 1: scaled first
    ),
    "binary": (
        k.binary_crossentropy,
        lambda y, p: [-np.mean(np.log(np.where(label == 1, row, 1 - row))) for row, label in zip(p, y)],
        k.binary_crossentropy_backward,
        lambda shape: (rng(0).integers(0, 2, shape).astype(float), rng(1).uniform(0.1, 0.9, shape)),
    ),
    "mse": (
        k.mean_squared_error,
        lambda y, p: [sum((a - b) ** 2 for a, b in zip(row, label)) / len(row) for row, label in zip(p, y)],
        k.mean_squared_error_backward,
        lambda shape: (rng(0).normal(size=shape), rng(1).normal(size=shape)),
    ),
    "softmax_fused": (
        lambda y, z: k.softmax_cross_entropy(z, y)[0],
        lambda y, z: [-np.log((np.exp(row) / np.exp(row).sum())[label.argmax()]) for row, label in zip(z, y)],
        lambda y, z: k.softmax_cross_entropy_backward(y, k.softmax(z)),
        lambda shape: (one_hot(shape), rng(1).normal(size=shape)),
    ),
    "sigmoid_fused": (
        lambda y, z: k.sigmoid_cross_entropy(z, y)[0],
        lambda y, z: [np.mean(np.log(1 + np.exp(np.where(label == 1, -row, row)))) for row, label in zip(z, y)],
        lambda y, z: k.sigmoid_cross_entropy_backward(y, k.sigmoid(z)),
        lambda shape: (rng(0).integers(0, 2, shape).astype(float), rng(1).normal(size=shape)),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LOSSES)
def test_loss_matches_its_formula(name, shape):
    forward, formula, _, make = LOSSES[name]
    y, p = make(shape)
    found = forward(y, p)
    assert found.shape == shape[:1]
    # EPSILON's clip shows at 1e-7 where the probability is exactly 1 (one class only)
    np.testing.assert_allclose(found, formula(y, p), rtol=1e-12, atol=1.1e-7 if shape[1] == 1 else 1e-14)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LOSSES)
def test_loss_backward_is_the_gradient_of_the_mean(name, shape):
    forward, _, backward, make = LOSSES[name]
    y, p = make(shape)
    before = y.copy(), p.copy()
    found = backward(y, p)
    assert found.shape == shape
    np.testing.assert_array_equal(y, before[0])
    np.testing.assert_array_equal(p, before[1])
    expected = numerical_gradient(lambda: np.mean(forward(y, p)), p)
    if name in ONE_HOT_LOSSES and shape[1] == 1:  # a single class has probability 1 whatever its score
        np.testing.assert_allclose(found, 0, atol=1e-12)
        np.testing.assert_allclose(expected, 0, atol=1e-9)
    else:
        assert relative_error(found, expected) <= 1e-6


@pytest.mark.parametrize("name", LOSSES)
def test_loss_backward_of_more_axes(name):
    forward, _, backward, make = LOSSES[name]
    y, p = (array.reshape(2, 3, 4) for array in make((6, 4)))
    assert forward(y, p).shape == (2, 3)
    assert relative_error(backward(y, p), numerical_gradient(lambda: np.mean(forward(y, p)), p)) <= 1e-6


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_keep_the_dtype(name, dtype):
    forward, _, backward, make = LOSSES[name]
    y, p = (array.astype(dtype) for array in make((4, 3)))
    assert forward(y, p).dtype == dtype
    assert backward(y, p).dtype == dtype


def test_loss_values_by_hand():
    y, p = np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])
    assert k.categorical_crossentropy(y, p)[0] == pytest.approx(0.693147)
    assert k.categorical_crossentropy(y, 4 * p)[0] == pytest.approx(0.693147)  # scaled to sum 1 first
    assert k.binary_crossentropy(y, np.array([[0.1, 0.8]]))[0] == pytest.approx(
        0.164252, rel=1e-5
    )  # (-ln .9 - ln .8)/2
    assert k.mean_squared_error(y, np.array([[1.0, 3.0]]))[0] == 2.5
    assert k.mean_squared_error_backward(y, np.array([[1.0, 3.0]])).tolist() == [[1, 2]]
    assert k.softmax_cross_entropy(np.array([[0.0, 0.0]]), y)[0][0] == pytest.approx(0.693147)
    assert k.sigmoid_cross_entropy(np.array([[0.0, np.log(3)]]), y)[0][0] == pytest.approx(0.490415, rel=1e-5)


def test_probabilities_of_0_and_1_are_clipped_at_epsilon_as_in_keras():
    assert k.EPSILON == 1e-7
    y, p = np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]])
    assert k.categorical_crossentropy(y, p)[0] == pytest.approx(-np.log(1e-7))
    assert k.binary_crossentropy(y, p)[0] == pytest.approx(-np.log(1e-7), rel=1e-6)
    # Where the clip acts the loss is flat: its gradient is 0, not infinite.
    assert k.categorical_crossentropy_backward(y, p).tolist() == [[0, 0]]
    assert k.binary_crossentropy_backward(y, p).tolist() == [[0, 0]]


@pytest.mark.parametrize("p", [2e-8, 3e-7, 1 - 3e-7, 1 - 2e-8])
def test_gradients_around_the_clip(p):
    # Just inside 1e-7 … 1 - 1e-7 the slope is steep, just outside it is 0; measured with a step far smaller than either.
    y, p = np.array([[1.0, 0.0]]), np.array([[p, 1 - p]])
    for forward, backward in [
        (k.binary_crossentropy, k.binary_crossentropy_backward),
        (k.categorical_crossentropy, k.categorical_crossentropy_backward),
    ]:
        expected = numerical_gradient(lambda forward=forward: forward(y, p)[0], p, h=1e-9)
        np.testing.assert_allclose(backward(y, p), expected, rtol=1e-2, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("fused", ["softmax", "sigmoid"])
def test_fused_losses_of_huge_scores(fused, dtype):
    forward = getattr(k, f"{fused}_cross_entropy")
    backward = getattr(k, f"{fused}_cross_entropy_backward")
    y = np.array([[1, 0], [0, 1]], dtype)
    z = np.array([[-1e4, 1e4], [-1e4, 1e4]], dtype)  # first sample all wrong, second all right
    losses, p = forward(z, y)
    assert losses.tolist() == pytest.approx([2e4, 0] if fused == "softmax" else [1e4, 0])
    assert losses.dtype == p.dtype == dtype
    gradient = backward(y, p)
    assert gradient.dtype == dtype
    expected = np.array([[-1, 1], [0, 0]]) / (2 if fused == "softmax" else 4)
    np.testing.assert_allclose(gradient, expected, atol=1e-7)


@pytest.mark.parametrize("fused", ["softmax", "sigmoid"])
def test_fused_out(fused):
    forward = getattr(k, f"{fused}_cross_entropy")
    backward = getattr(k, f"{fused}_cross_entropy_backward")
    z, y = rng().normal(size=(4, 3)), one_hot((4, 3))
    before = z.copy()
    losses, p = forward(z, y)
    assert bits(z) == bits(before)
    np.testing.assert_allclose(p, k.ACTIVATIONS[fused][0](z), rtol=1e-12)
    out = np.full_like(z, np.nan)
    losses_out, p_out = forward(z, y, out=out)
    assert p_out is out
    assert bits(out) == bits(p)
    assert bits(losses_out) == bits(losses)
    assert forward(z, y, out=z)[1] is z  # may be the input itself
    assert bits(z) == bits(p)

    dz, p_before = backward(y, p), p.copy()
    assert bits(p) == bits(p_before)
    out = np.full_like(p, np.nan)
    assert backward(y, p, out=out) is out
    assert bits(out) == bits(dz)
    assert backward(y, p, out=p) is p
    assert bits(p) == bits(dz)


@settings(deadline=None)
@given(shapes, seeds)
def test_fused_equals_the_two_steps(shape, seed):
    z, y = rng(seed).normal(size=shape), one_hot(shape, seed)
    p = k.softmax(z)
    np.testing.assert_allclose(k.softmax_cross_entropy(z, y)[0], k.categorical_crossentropy(y, p), atol=2e-7)
    chained = k.softmax_backward(k.categorical_crossentropy_backward(y, p), p)
    np.testing.assert_allclose(k.softmax_cross_entropy_backward(y, p), chained, atol=1e-6)
    s = k.sigmoid(z)
    np.testing.assert_allclose(k.sigmoid_cross_entropy(z, y)[0], k.binary_crossentropy(y, s), atol=2e-7)
    chained = k.sigmoid_backward(k.binary_crossentropy_backward(y, s), s)
    np.testing.assert_allclose(k.sigmoid_cross_entropy_backward(y, s), chained, atol=1e-6)


@settings(deadline=None)
@given(shapes, st.integers(1, 6), seeds)
def test_affine_of_random_shapes(shape, units, seed):
    r = rng(seed)
    x, W, b, dz = r.normal(size=shape), r.normal(size=(shape[1], units)), r.normal(size=units), None
    z = k.affine(x, W, b)
    for i in range(shape[0]):
        for j in range(units):
            assert z[i, j] == pytest.approx(sum(x[i, n] * W[n, j] for n in range(shape[1])) + b[j], abs=1e-9)
    dz = r.normal(size=z.shape)
    dx, dW, db = k.affine_backward(dz, x, W)
    assert (dx.shape, dW.shape, db.shape) == (x.shape, W.shape, b.shape)
    # A linear map's gradient pairs with its input: <dz, x W> = <dx, x> = <dW, W>.
    assert np.sum(dx * x) == pytest.approx(np.sum(dz * (x @ W)), abs=1e-9)
    assert np.sum(dW * W) == pytest.approx(np.sum(dz * (x @ W)), abs=1e-9)


def test_affine_of_whole_numbers_and_a_bias_with_a_fraction():
    assert k.affine(np.array([[1, 2]]), np.array([[3], [4]]), np.array([0.5])).tolist() == [[11.5]]


@pytest.mark.parametrize("total", [0, 0.5, 1, 3])
def test_rows_of_labels_with_another_sum(total):
    y, z = total * rng().dirichlet(np.ones(3), 4), rng(1).normal(size=(4, 3))
    losses, p = k.softmax_cross_entropy(z, y)
    np.testing.assert_allclose(losses, -np.sum(y * np.log(p), axis=-1), rtol=1e-12)
    expected = numerical_gradient(lambda: k.softmax_cross_entropy(z, y)[0].mean(), z)
    np.testing.assert_allclose(k.softmax_cross_entropy_backward(y, p), expected, atol=1e-9)


def test_each_row_of_labels_and_scores_is_taken_by_itself():
    # One maximum for all rows would leave nothing but exp(-10 000) = 0 of the second.
    losses, p = k.softmax_cross_entropy(np.array([[1e4, 0.0], [0.0, -1.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert losses.tolist() == pytest.approx([0, np.log(1 + np.exp(-1))])
    assert p[1].sum() == pytest.approx(1)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_more_axes_are_those_of_the_rows(name):
    forward, _, _, make = LOSSES[name]
    y, p = make((6, 4))
    np.testing.assert_allclose(forward(y.reshape(2, 3, 4), p.reshape(2, 3, 4)), forward(y, p).reshape(2, 3))


@pytest.mark.parametrize("name", LOSSES)
def test_labels_of_bytes_do_not_change_the_dtype(name):
    forward, _, backward, make = LOSSES[name]
    y, p = (abs(array).astype(dtype) for array, dtype in zip(make((4, 3)), ("uint8", "float32")))
    assert forward(y, p).dtype == backward(y, p).dtype == "float32"
    np.testing.assert_array_equal(backward(y, p), backward(y.astype("float32"), p))


def test_a_clipped_class_beside_others_has_no_slope_of_its_own():
    # It counts in the sum alone, which scales all: dL/dp_j = (dp_j + 1) / total, with dp_j = 0 where the clip acts.
    found = k.categorical_crossentropy_backward(np.array([[1.0, 0, 0]]), np.array([[0.6, 0.4, 1e-9]]))
    np.testing.assert_allclose(found, [[-1 / 0.6 + 1, 1, 1]], rtol=1e-6)


# ── dtypes and memory ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_stay_as_they_are(dtype):
    x = np.ones(2, dtype)
    assert k.floats(x) is x


@pytest.mark.parametrize(
    ("given", "made"), [("bool", "float32"), ("uint8", "float32"), ("int16", "float32"), ("int64", "float64")]
)
def test_whole_numbers_become_floats_that_hold_them(given, made):
    assert k.floats(np.ones(2, given)).dtype == made


def test_affine_out_without_a_bias():
    z = np.full((1, 1), np.nan)
    assert k.affine(np.array([[2.0]]), np.array([[3.0]]), None, out=z) is z
    assert z.tolist() == [[6]]


@pytest.mark.parametrize("name", [*FORMULAS, "affine"])
def test_out_spares_fresh_memory(name):
    z, out, W = np.ones((2000, 50), "float32"), np.empty((2000, 50), "float32"), np.ones((50, 50), "float32")
    tracemalloc.start()
    try:
        k.affine(z, W, W[0], out=out) if name == "affine" else k.ACTIVATIONS[name][0](z, out=out)
        assert tracemalloc.get_traced_memory()[1] < z.nbytes / 2
    finally:
        tracemalloc.stop()
