"""The same names, defaults and numbers as real Keras 3."""

import importlib.util
import inspect
import os

import numpy as np
import pytest

from helpers import callbacks, initializers, kernels, layers, losses, metrics, models, optimizers, utils

os.environ.setdefault("KERAS_BACKEND", "jax" if importlib.util.find_spec("jax") else "torch")
keras = pytest.importorskip("keras")


@pytest.fixture(autouse=True)
def _float64():
    """Compute in float64 where the backend can: JAX does only when told so before its first array."""
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
    set_dtype("float64")
    yield
    set_dtype("float32")


def set_dtype(dtype):
    keras.backend.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def to_numpy(x):
    return keras.ops.convert_to_numpy(x)


def random(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def defaults(f):
    return {
        name: p.default
        for name, p in inspect.signature(f).parameters.items()
        if p.default is not p.empty and name not in ("name", "seed")
    }


# ── names and defaults ──────────────────────────────────────────────────────────────────────────────────────────────

NAMES = [
    *[(getattr(optimizers, n), f"optimizers.{n}") for n in ("SGD", "Adagrad", "RMSprop", "Adam")],
    *[(getattr(initializers, n), f"initializers.{n}") for n in ("RandomNormal", "RandomUniform", "GlorotUniform")],
    *[
        (getattr(losses, n), f"losses.{n}")
        for n in ("CategoricalCrossentropy", "BinaryCrossentropy", "MeanSquaredError")
    ],
    (layers.Dense, "layers.Dense"),
    (layers.Rescaling, "layers.Rescaling"),
    (models.Sequential.compile, "Sequential.compile"),
    (models.Sequential.evaluate, "Sequential.evaluate"),
    (models.Sequential.predict, "Sequential.predict"),
    (models.Sequential.fit, "Sequential.fit"),
    (models.Sequential.summary, "Sequential.summary"),
    (utils.to_categorical, "utils.to_categorical"),
    (metrics.binary_accuracy, "metrics.binary_accuracy"),
]
# batch_size=None means 32 in Keras, print_fn=None means print; theirs takes input_shape as **kwargs
MEANT = {"batch_size": (32, None), "print_fn": (print, None), "input_shape": (None, inspect.Parameter.empty)}


@pytest.mark.parametrize(("ours", "path"), NAMES)
def test_arguments_have_the_same_names_and_defaults(ours, path):
    theirs = keras
    for part in path.split("."):
        theirs = getattr(theirs, part)
    known = inspect.signature(theirs).parameters
    for name, default in defaults(ours).items():
        if name in MEANT:
            assert default == MEANT[name][0]
        else:
            assert known[name].default == default, f"{path}({name}=…)"


@pytest.mark.parametrize("name", initializers.INITIALIZERS)
def test_initializers(name):
    theirs = to_numpy(keras.initializers.get(name)((300, 200)))
    ours = initializers.get(name)((300, 200), "float64")
    assert ours.std() == pytest.approx(theirs.std(), rel=0.03, abs=1e-12)
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.002)
    if "normal" not in name:  # a normal's largest value is chance
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.01, abs=1e-12)


def test_every_name_means_the_same_in_keras():
    for name, known in optimizers.OPTIMIZERS.items():
        assert type(keras.optimizers.get(name)).__name__ == known.__name__
    for name in losses.LOSSES:
        assert keras.losses.get(name) is not None
    for name in set(metrics.METRICS) - {"accuracy", "acc"}:
        assert keras.metrics.get(name) is not None
    for name in kernels.ACTIVATIONS:
        assert keras.activations.get(name).__name__ == name
    assert issubclass(keras.callbacks.History, keras.callbacks.Callback)
    for event in ("on_train_begin", "on_epoch_begin", "on_train_batch_end", "on_epoch_end", "on_train_end"):
        assert hasattr(keras.callbacks.Callback, event)
        assert hasattr(callbacks.Callback, event)


# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", kernels.ACTIVATIONS)
def test_activations(name):
    z = 5 * random((6, 4))
    expected = to_numpy(keras.activations.get(name)(keras.ops.convert_to_tensor(z)))
    rtol = 1e-9 if expected.dtype == np.float64 else 1e-6  # Keras 3.15's tanh on JAX answers in float32
    np.testing.assert_allclose(kernels.ACTIVATIONS[name][0](z), expected, rtol=rtol, atol=1e-12)


PROBABILITIES = np.random.default_rng(1).uniform(0.02, 0.98, (8, 3))  # rows do not sum to 1: Keras scales them
CLASSES = np.random.default_rng(2).integers(0, 3, 8)
ONE_HOT = np.eye(3)[CLASSES]
EXTREME = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [1, 1, 1], [1e-9, 1, 1e-9], [0, 0, 1], [0, 0.1, 0]])


@pytest.mark.parametrize(
    ("name", "y", "p", "options"),
    [
        ("CategoricalCrossentropy", ONE_HOT, PROBABILITIES, {}),
        ("CategoricalCrossentropy", ONE_HOT, EXTREME, {}),
        ("CategoricalCrossentropy", ONE_HOT, random((8, 3)), {"from_logits": True}),
        ("SparseCategoricalCrossentropy", CLASSES, PROBABILITIES / PROBABILITIES.sum(1, keepdims=True), {}),
        ("SparseCategoricalCrossentropy", CLASSES[:, None], random((8, 3)), {"from_logits": True}),
        ("BinaryCrossentropy", ONE_HOT, PROBABILITIES, {}),
        ("BinaryCrossentropy", ONE_HOT, EXTREME, {}),
        ("BinaryCrossentropy", ONE_HOT, random((8, 3)), {"from_logits": True}),
        ("MeanSquaredError", random((8, 3)), random((8, 3), 1), {}),
        ("MeanSquaredError", (ONE_HOT * 200).astype("uint8"), (PROBABILITIES * 99).astype("uint8"), {}),
    ],
)
def test_losses(name, y, p, options):
    expected = float(getattr(keras.losses, name)(dtype="float64", **options)(y, p))
    assert getattr(losses, name)(**options)(y, p) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("name", sorted(set(metrics.METRICS) - {"accuracy", "acc"}))
def test_metrics(name):
    y = CLASSES if name.startswith("sparse") else ONE_HOT
    expected = float(keras.metrics.get(name)(y, PROBABILITIES))
    assert np.mean(metrics.get(name, None)(y, PROBABILITIES)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("x", "classes"),
    [([0, 2, 1], None), ([0, 2, 1], 5), ([[0], [3]], None), ([[[1], [0]], [[2], [2]]], 3), ([[0, 1], [1, 2]], None), (3, 4)],
)  # fmt: skip
def test_to_categorical(x, classes):
    theirs, ours = keras.utils.to_categorical(x, classes), utils.to_categorical(x, classes)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


# ── optimizers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {}),
        ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
        ("SGD", {"momentum": 0.9, "nesterov": True}),
        ("SGD", {"nesterov": True}),
        ("Adagrad", {}),
        ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-3}),
        ("RMSprop", {}),
        ("RMSprop", {"rho": 0.5, "epsilon": 1e-2}),
        ("RMSprop", {"momentum": 0.8}),
        ("RMSprop", {"centered": True}),
        ("RMSprop", {"centered": True, "momentum": 0.8}),
        ("Adam", {}),
        ("Adam", {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}),
    ],
)
def test_200_steps(name, options):
    r = np.random.default_rng(0)
    arrays = [r.normal(size=(6, 4)), r.normal(size=4)]
    variables = [keras.Variable(w.copy(), dtype="float64") for w in arrays]
    ours, theirs = getattr(optimizers, name)(**options), getattr(keras.optimizers, name)(**options)
    theirs.build(variables)
    for _ in range(200):
        gradients = [r.normal(size=w.shape) * 10.0 ** r.integers(-3, 2, w.shape) for w in arrays]
        ours.apply(gradients, arrays)
        theirs.apply([keras.ops.convert_to_tensor(g) for g in gradients], variables)
    for w, variable in zip(arrays, variables):
        # Keras keeps the learning rate as a float32 number: 0.001 is off by 5e-8 of itself there
        np.testing.assert_allclose(w, to_numpy(variable), rtol=2e-6, atol=2e-7)


def test_both_refuse_a_second_network():
    ours, theirs = optimizers.SGD(), keras.optimizers.SGD()
    theirs.apply([keras.ops.ones(3)], [keras.Variable(np.ones(3))])
    ours.apply([np.ones(3)], [np.ones(3)])
    with pytest.raises(ValueError):  # noqa: PT011 (Keras's own words)
        theirs.apply([keras.ops.ones(3)], [keras.Variable(np.ones(3))])
    with pytest.raises(ValueError, match="new network"):
        ours.apply([np.ones(3)], [np.ones(3)])


# ── whole models ────────────────────────────────────────────────────────────────────────────────────────────────────


def twins(module, hidden, last, dtype="float64"):
    k = module.layers
    return module.Sequential(
        [k.Input((2, 3), dtype=dtype), k.Flatten(), k.Dense(5, activation=hidden), k.Dense(3, last)]
    )


class Ours:
    layers, Sequential = layers, models.Sequential


@pytest.mark.parametrize("last", kernels.ACTIVATIONS)
@pytest.mark.parametrize("hidden", kernels.ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_predict_from_the_same_weights(hidden, last, dtype):
    set_dtype(dtype)
    x = random((40, 2, 3)).astype(dtype)
    theirs, ours = twins(keras, hidden, last, dtype), twins(Ours, hidden, last, dtype)
    assert [w.shape for w in theirs.get_weights()] == [w.shape for w in ours.get_weights()]
    assert theirs.count_params() == ours.count_params()
    ours.set_weights(theirs.get_weights())
    found, expected = ours.predict(x), theirs.predict(x, verbose=0)
    assert found.dtype == dtype
    # Keras's tanh on JAX, and its predict on PyTorch, go through float32.
    loose = dtype == "float32" or "tanh" in (hidden, last) or keras.backend.backend() != "jax"
    np.testing.assert_allclose(found, expected, rtol=1e-5 if loose else 1e-9, atol=1e-5 if loose else 1e-12)


@pytest.mark.parametrize(
    ("loss", "last", "y"),
    [
        ("categorical_crossentropy", "softmax", np.eye(3)),
        ("sparse_categorical_crossentropy", "softmax", None),
        ("binary_crossentropy", "sigmoid", np.eye(3)),
        ("mse", "linear", np.eye(3)),
    ],
)
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "adagrad"])
def test_fit_gives_the_same_history_and_weights(optimizer, loss, last, y):
    x, classes = random((22, 2, 3)), np.random.default_rng(7).integers(0, 3, 22)  # a last batch of 2
    y = classes if y is None else y[classes]
    theirs, ours = twins(keras, "tanh", last), twins(Ours, "tanh", last)
    start = theirs.get_weights()
    ours.set_weights(start)
    histories = []
    for model in (theirs, ours):
        model.compile(optimizer, loss, metrics=["mae"] if loss == "mse" else [])
        judged = (x[:7], y[:7])
        kept = model.fit(x, y, batch_size=5, epochs=3, shuffle=False, validation_data=judged, verbose=0)
        histories.append(kept.history)
    assert set(histories[0]) == set(histories[1])
    for name, expected in histories[0].items():
        np.testing.assert_allclose(histories[1][name], expected, rtol=1e-5)
    for ours_w, theirs_w in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(ours_w, theirs_w, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        ours.evaluate(x, y, verbose=0), theirs.evaluate(x, y, verbose=0), rtol=1e-5
    )  # a list with metrics, a number without


@pytest.mark.parametrize(
    ("loss", "outputs", "y"),
    [
        ("categorical_crossentropy", 3, np.eye(3)[CLASSES]),
        ("sparse_categorical_crossentropy", 3, CLASSES),
        ("binary_crossentropy", 1, (CLASSES > 0).astype("float64")),
        ("mse", 1, (CLASSES > 0).astype("float64")),
        ("mse", 3, np.eye(3)[CLASSES]),
    ],
)
def test_accuracy_means_the_same(loss, outputs, y):
    x, results, weights = random((8, 4)), [], [random((4, outputs), 1), random((outputs,), 2)]
    for module in (keras, Ours):
        k = module.layers
        model = module.Sequential([k.Input((4,)), k.Dense(outputs, "softmax" if "categ" in loss else "sigmoid")])
        model.compile("sgd", loss, metrics=["accuracy"])
        model.set_weights(weights)
        results.append(model.evaluate(x, y, verbose=0))
    np.testing.assert_allclose(results[1], results[0], rtol=1e-5)
    assert 0 < results[0][1] < 1  # all right or all wrong would compare nothing
