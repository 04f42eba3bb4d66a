"""One layer at a time: shapes, weights, directions, messages."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import initializers, kernels, layers
from helpers.gradients import numerical_gradient, relative_error


def rng(seed=0):
    return np.random.default_rng(seed)


def dense(units=2, features=3, dtype="float64", **options):
    layer = layers.Dense(units, **options)
    layer.build((features,), dtype)
    return layer


# ── Dense ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_dense_by_hand():
    layer = dense(activation="relu")
    layer.set_weights([np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([-100.0, 1.0])])
    assert layer(np.array([[1.0, 1.0, 1.0]])).tolist() == [[0, 13]]


@pytest.mark.parametrize("activation", [None, *kernels.ACTIVATIONS])
@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 2), (4, 3, 2), (3, 2, 5)])
def test_dense_backward_is_the_gradient(activation, use_bias, shape):
    samples, features, units = shape
    layer = dense(units, features, activation=activation, use_bias=use_bias, bias_initializer="random_normal")
    x, weight = rng(1).normal(size=(samples, features)), rng(2).normal(size=(samples, units))

    def f():
        return np.sum(weight * layer.forward(x))

    layer.forward(x, training=True)
    dx = layer.backward(weight.copy())
    assert relative_error(dx, numerical_gradient(f, x)) <= 1e-6
    assert set(layer.grads) == set(layer.params) == ({"W", "b"} if use_bias else {"W"})
    for key, p in layer.params.items():
        assert relative_error(layer.grads[key], numerical_gradient(f, p)) <= 1e-6


def test_backward_writes_into_the_same_gradients():
    layer = dense()
    W, b = layer.grads["W"], layer.grads["b"]
    for seed in (1, 2):
        x, da = rng(seed).normal(size=(4, 3)), rng(seed + 9).normal(size=(4, 2))
        layer.forward(x, training=True)
        assert layer.backward(da.copy(), need_dx=False) is None
        assert layer.grads["W"] is W
        assert layer.grads["b"] is b
        np.testing.assert_array_equal(W, x.T @ da)  # replaced, not added to


def test_activate_false_stops_at_z():
    layer = dense(activation="sigmoid", bias_initializer="ones")
    x, dz = rng().normal(size=(4, 3)), rng(1).normal(size=(4, 2))
    W, b = layer.get_weights()
    np.testing.assert_allclose(layer.forward(x, training=True, activate=False), x @ W + b)
    np.testing.assert_allclose(layer.backward(dz), dz @ W.T)  # so the gradient starts at z too


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", kernels.ACTIVATIONS)
def test_training_changes_nothing_but_memory(activation, dtype):
    layer, x = dense(dtype=dtype, activation=activation), rng().normal(size=(5, 3)).astype(dtype)
    before = x.copy()
    a = layer.forward(x)
    assert a.dtype == dtype
    first = layer.forward(x, training=True)
    np.testing.assert_array_equal(first, a)
    assert not np.shares_memory(a, first)
    # the next batch, even a shorter one, goes to the same place
    short = layer.forward(x[:2], training=True)
    assert np.shares_memory(short, first)
    np.testing.assert_array_equal(short, layer.forward(x[:2]))
    # a longer one needs, and gets, more room
    longer = np.concatenate([x, x])
    np.testing.assert_array_equal(layer.forward(longer, training=True), layer.forward(longer))
    assert layer.backward(np.ones((10, 2), dtype)).shape == (10, 3)
    np.testing.assert_array_equal(x, before)


def test_training_memory_follows_the_dtype():
    layer, x = dense(dtype="float32"), rng().normal(size=(4, 3))
    layer.forward(x.astype("float32"), training=True)
    exact = layer.forward(x, training=True)
    assert exact.dtype == np.float64  # not squeezed into the float32 memory of the batch before
    np.testing.assert_array_equal(exact, layer.forward(x))


def test_dense_defaults_are_those_of_keras():
    layer = layers.Dense(50)
    layer.build((100,))
    W, b = layer.get_weights()
    assert (layer.activation, W.dtype, b.dtype) == ("linear", "float32", "float32")
    assert not b.any()
    assert 0.9 * (6 / 150) ** 0.5 < np.abs(W).max() <= (6 / 150) ** 0.5  # glorot_uniform
    assert layer.count_params() == 5050
    assert (layer.input_shape, layer.output_shape) == ((100,), (50,))


def test_initializers_by_name_class_or_object():
    layer = dense(kernel_initializer=initializers.RandomUniform(2, 3), bias_initializer=initializers.Ones)
    W, b = layer.get_weights()
    assert ((W >= 2) & (W <= 3)).all()
    assert b.tolist() == [1, 1]
    assert not dense(kernel_initializer="zeros").params["W"].any()


@pytest.mark.parametrize("given", ["Softmax", "SOFTMAX", "softmax"])
def test_activation_is_kept_in_lower_case(given):
    # Losses compare this name to know whether they can take the last activation along.
    assert layers.Dense(2, activation=given).activation == "softmax"


def test_activation_may_be_a_pair_of_functions():
    x, ours = rng().normal(size=(4, 3)), dense(activation=(kernels.tanh, kernels.tanh_backward))
    named = dense(activation="tanh")
    named.set_weights(ours.get_weights())
    np.testing.assert_array_equal(ours.forward(x, training=True), named.forward(x, training=True))
    np.testing.assert_array_equal(ours.backward(np.ones((4, 2))), named.backward(np.ones((4, 2))))


@pytest.mark.parametrize("units", [0, -1, 2.0, "3", None, True])
def test_units_must_be_whole(units):
    with pytest.raises(ValueError, match=f"units must be a whole number ≥ 1, but got {units!r}"):
        layers.Dense(units)


def test_numpy_units():
    assert layers.Dense(np.int64(3)).units == 3
    assert layers.Dense(1).units == 1


def test_backward_works_in_memory_it_has():
    layer, x = dense(activation="tanh", dtype="float32"), rng().normal(size=(4, 3)).astype("float32")
    layer.forward(x, training=True)
    layer.backward(np.ones((4, 2), "float32"), need_dx=False)
    assert set(layer._buffers) == {"a"}
    da = np.ones((4, 2), "float32")
    dx = layer.backward(da)
    assert (da != 1).all()  # overwritten
    assert dx.dtype == x.dtype
    assert np.shares_memory(layer.backward(da), dx)


def test_from_scores_backward_takes_no_activation():
    layer, x = dense(activation="tanh"), rng().normal(size=(4, 3))
    layer.forward(x, training=True, activate=False)
    np.testing.assert_allclose(layer.backward(np.ones((4, 2))), np.ones((4, 2)) @ layer.params["W"].T)


@pytest.mark.parametrize("kind", [layers.Dense, layers.Rescaling])
def test_name_and_input_shape_are_kept(kind):
    layer = kind(1, input_shape=[3], name="mine")
    assert (layer.name, layer.input_shape) == ("mine", (3,))
    assert layers.Input((3,), name="mine").name == "mine"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Dense(2, activation="rleu"), "Unknown activation 'rleu'. Did you mean 'relu'"),
        (lambda: layers.Dense(2, activation=max), "activation must be a name"),
        (lambda: layers.Dense(2, kernel_initializer="zero"), "Unknown initializer 'zero'. Did you mean 'zeros'"),
        (lambda: dense()(np.ones((4, 5))), r"Dense was built for .* \(samples, 3\), but got \(4, 5\)"),
        (lambda: dense(name="first")(np.ones((4, 5))), r"^first was built"),
        (
            lambda: layers.Dense(2)(np.ones((4, 28, 28))),
            r"\(samples, 28, 28\): put layers.Flatten\(\).*\(samples, 784\)",
        ),
        (lambda: dense().set_weights([np.ones((3, 2))]), r"expected 2 weight arrays \(W, b\), but got 1"),
        (lambda: dense().set_weights([np.ones((2, 3)), np.ones(2)]), r"W have shape \(3, 2\), .* has \(2, 3\)"),
        (lambda: dense().set_weights([np.ones((3, 2)), np.ones((1, 2))]), r"b have shape \(2,\), .* has \(1, 2\)"),
    ],
)
def test_messages(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("wrong", [np.ones(3), np.array(["one", "two"])])
def test_set_weights_changes_all_or_nothing(wrong):
    layer = dense()
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"weights b (have shape \(2,\)|are numbers, but the array given has <U3)"):
        layer.set_weights([np.ones((3, 2)), wrong])
    for a, b in zip(before, layer.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_weights_are_copied_both_ways():
    layer, mine = dense(), [np.ones((3, 2)), np.ones(2)]
    layer.set_weights(mine)
    mine[0] += 1
    layer.get_weights()[1][...] = 9
    assert (layer.params["W"] == 1).all()
    assert (layer.params["b"] == 1).all()


@pytest.mark.parametrize("given", ["float64", "float32", "uint8", "int64", "float16"])
def test_first_call_builds(given):
    layer = layers.Dense(2)
    assert not layer.built
    assert layer(np.ones((4, 3), given)).shape == (4, 2)
    assert layer.built
    assert layer.params["W"].dtype == ("float64" if given == "float64" else "float32")


def test_a_layer_takes_lists():
    assert dense()([[1, 2, 3]]).shape == (1, 2)


# ── Flatten, Input ──────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(1, 4), st.lists(st.integers(1, 4), min_size=1, max_size=3))
@settings(deadline=None)
def test_flatten_and_back(samples, shape):
    x = rng().normal(size=(samples, *shape))
    layer = layers.Flatten()
    a = layer(x)
    assert layer.output_shape == (int(np.prod(shape)),)
    assert a.shape == (samples, *layer.output_shape)
    assert a.ravel().tolist() == x.ravel().tolist()
    np.testing.assert_array_equal(layer.backward(a), x)
    assert layer.count_params() == 0
    assert layer.get_weights() == []


def test_flatten_checks_its_input():
    layer = layers.Flatten()
    layer(np.ones((1, 2, 3)))
    with pytest.raises(ValueError, match=r"Flatten was built for .* \(samples, 2, 3\), but got \(1, 3, 2\)"):
        layer(np.ones((1, 3, 2)))


# ── Rescaling ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rescaling_by_hand(dtype, training):
    layer = layers.Rescaling(0.5, offset=-1)
    layer.build((2, 1))
    x = np.array([[[0], [1]], [[2], [255]]], dtype)
    before = x.copy()
    a = layer.forward(x, training=training)
    assert a.dtype == dtype
    assert a.ravel().tolist() == [-1, -0.5, 0, 126.5]
    np.testing.assert_array_equal(x, before)  # it may be the reader's own array
    assert layer.backward(np.ones((1, 2), dtype)).tolist() == [[0.5, 0.5]]
    assert (layer.output_shape, layer.count_params()) == ((2, 1), 0)


@pytest.mark.parametrize("scale", [1 / 255, np.float64(1) / 255])
def test_rescaling_makes_bytes_float32(scale):
    a = layers.Rescaling(scale)(np.array([[0, 51, 255]], "uint8"))
    assert a.dtype == np.float32
    np.testing.assert_allclose(a, [[0, 0.2, 1]], rtol=1e-6)


@pytest.mark.parametrize("offset", [0, 1])
def test_rescaling_reuses_memory_in_training_alone(offset):
    layer, x = layers.Rescaling(0.5, offset), np.ones((4, 3), "float32")
    layer.build((3,))
    first = layer.forward(x, training=True)
    assert np.shares_memory(layer.forward(x, training=True), first)
    assert not np.shares_memory(layer.forward(x), first)


def test_rescaling_needs_a_number():
    with pytest.raises(ValueError, match="could not convert"):
        layers.Rescaling("much")


def test_input_only_names_a_shape():
    declared = layers.Input(shape=[784], dtype="float64")
    assert (declared.input_shape, declared.dtype, declared.count_params()) == ((784,), np.float64, 0)
    assert layers.Input((3,)).dtype == np.float32
    assert layers.Input((np.int64(3), 2)).input_shape == (3, 2)


@pytest.mark.parametrize("shape", [4, 2.5, "4", (2.5,), (None, 4), ((4,),), {"a": 1}])
@pytest.mark.parametrize("make", [layers.Input, lambda shape: layers.Dense(3, input_shape=shape)])
def test_a_shape_is_a_tuple_of_whole_numbers(make, shape):
    with pytest.raises(ValueError, match=re.escape(f"such as (784,) or (28, 28), but got {shape!r}")):
        make(shape)
