"""Losses by name and by hand, the labels they take, and the gradient of whole networks through every one of them."""

import numpy as np
import pytest

from helpers import kernels, layers, losses, models
from helpers.gradients import numerical_gradient, relative_error

SAMPLES, FEATURES, OUTPUTS = 5, 4, 3
LOSSES = {
    "categorical_crossentropy": losses.CategoricalCrossentropy,
    "categorical_crossentropy, logits": lambda: losses.CategoricalCrossentropy(from_logits=True),
    "sparse_categorical_crossentropy": losses.SparseCategoricalCrossentropy,
    "sparse_categorical_crossentropy, logits": lambda: losses.SparseCategoricalCrossentropy(from_logits=True),
    "binary_crossentropy": losses.BinaryCrossentropy,
    "binary_crossentropy, logits": lambda: losses.BinaryCrossentropy(from_logits=True),
    "mean_squared_error": losses.MeanSquaredError,
}


def labels(name):
    r = np.random.default_rng(3)
    classes = r.integers(0, OUTPUTS, SAMPLES)
    if name.startswith("sparse"):
        return classes
    if name.startswith("categorical"):
        return np.eye(OUTPUTS)[classes]
    return r.integers(0, 2, (SAMPLES, OUTPUTS)).astype(float)


def network(hidden, last, x):
    """Flatten, two Dense layers, last outputs near 0.5: inside (0, 1), where every loss is smooth."""
    r = np.random.default_rng(0)
    model = models.Sequential(
        [
            layers.Flatten(),
            layers.Dense(6, activation=hidden),
            layers.Dense(5, activation=hidden, use_bias=False),
            layers.Dense(OUTPUTS, activation=last),
        ]
    )
    model(x)
    for layer in model.layers[1:]:
        layer.params["W"][...] = r.normal(0, 0.3, layer.params["W"].shape)
    model.layers[1].params["b"][...] = r.normal(0, 0.3, 6)
    model.layers[-1].params["W"] *= 0.3
    model.layers[-1].params["b"][...] = [0.4, 0.5, 0.6]
    return model


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("last", kernels.ACTIVATIONS)
@pytest.mark.parametrize("hidden", kernels.ACTIVATIONS)
def test_gradient_of_a_whole_network(hidden, last, name):
    """What `fit` would subtract is the slope of what `evaluate` reports, for every weight."""
    x, y = np.random.default_rng(1).normal(size=(SAMPLES, 2, 2)), labels(name)
    model = network(hidden, last, x)
    model.compile("sgd", LOSSES[name]())

    class Keep:  # an optimizer that leaves the weights alone, so the gradients can be read
        def apply(self, grads, variables):
            (self.found,), (weights,) = [g.copy() for g in grads], variables
            assert weights is model.parameters

    model.optimizer = Keep()
    loss = model.train_on_batch(x, y)
    # `loss(y, predict(x))` is the unfused way: it checks the fused steps against an independent computation.
    clipped = model.loss(y, model(x))
    assert loss == pytest.approx(clipped, rel=1e-5)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(loss, rel=1e-12)

    expected = numerical_gradient(lambda: model.loss(y, model(x)), model.parameters)
    assert np.linalg.norm(expected) > 1e-4  # a dead network would pass for nothing
    assert relative_error(model.optimizer.found, expected) <= 1e-6


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_with_regard_to_the_predictions(name):
    loss, y = LOSSES[name](), labels(name)
    y_pred = np.random.default_rng(2).uniform(0.1, 0.9, (SAMPLES, OUTPUTS))
    prepared, before = loss.prepare(y, y_pred.shape), y_pred.copy()
    found = loss.gradient(prepared, y_pred)
    np.testing.assert_array_equal(y_pred, before)
    assert relative_error(found, numerical_gradient(lambda: loss(y, y_pred), y_pred)) <= 1e-6


@pytest.mark.parametrize(
    ("name", "y", "p", "expected"),
    [
        ("categorical_crossentropy", [[0, 1], [1, 0]], [[0.5, 0.5], [0.25, 0.75]], (np.log(2) + np.log(4)) / 2),
        ("sparse_categorical_crossentropy", [1, 0], [[0.5, 0.5], [0.25, 0.75]], (np.log(2) + np.log(4)) / 2),
        ("binary_crossentropy", [[1], [0]], [[0.5], [0.75]], (np.log(2) + np.log(4)) / 2),
        ("binary_crossentropy, logits", [[1], [0]], [[0.0], [np.log(3)]], (np.log(2) + np.log(4)) / 2),
        ("categorical_crossentropy, logits", [[0, 1]], [[np.log(3), 0.0]], np.log(4)),
        ("sparse_categorical_crossentropy, logits", [1], [[np.log(3), 0.0]], np.log(4)),
        ("mean_squared_error", [[1, 2], [3, 4]], [[1.0, 4.0], [3.0, 4.0]], 1),
    ],
)
def test_values_by_hand(name, y, p, expected):
    value = LOSSES[name]()(y, p)
    assert isinstance(value, float)
    assert value == pytest.approx(expected)


def test_bytes_do_not_wrap_round():
    # Two uint8 pictures: 0 - 10 is -10, not 246.
    assert losses.MeanSquaredError()(np.array([[10, 0]], "uint8"), np.array([[0, 20]], "uint8")) == 250


@pytest.mark.parametrize(
    ("given", "computed"),
    [
        ("uint8", "float32"),
        ("float16", "float32"),
        ("float32", "float32"),
        ("int64", "float64"),
        ("float64", "float64"),
    ],
)
def test_predictions_are_at_least_float32(given, computed):
    class Seen(losses.BinaryCrossentropy):
        def call(self, y_true, y_pred):
            self.y_pred = y_pred
            return super().call(y_true, y_pred)

    loss, p = Seen(), np.array([[0, 1]], given)
    assert loss([[1, 1]], p) == pytest.approx(-np.log(1e-7) / 2, rel=1e-6)
    assert loss.y_pred.dtype == computed
    assert (loss.y_pred is p) == (given == computed)  # no copy where none is needed


@pytest.mark.parametrize("name", LOSSES)
def test_known_names(name):
    loss = LOSSES[name]()
    known = name.split(",")[0]
    assert loss.name == known
    assert type(losses.get(known)) is type(loss)
    assert losses.get(loss) is loss
    assert losses.get(type(loss)).name == known
    fused = {"categorical": "softmax", "sparse": "softmax", "binary": "sigmoid"}.get(known.split("_")[0])
    assert loss.fused_activation == (None if "logits" in name else fused)


def test_alias_and_unknown_name():
    assert isinstance(losses.get("mse"), losses.MeanSquaredError)
    with pytest.raises(ValueError, match="^Unknown loss .* Did you mean 'categorical_crossentropy'"):
        losses.get("categorical_cross_entropy")
    for nothing in (3, None, dict):
        with pytest.raises(ValueError, match=r"^loss must be a name \(.*'mse'\) or an object, but got "):
            losses.get(nothing)


@pytest.mark.parametrize("name", ["binary_crossentropy", "mean_squared_error"])
def test_flat_labels_fit_a_single_output(name):
    loss, p = losses.get(name), np.array([[0.2], [0.9], [0.6]])
    assert loss.prepare([0, 1, 1], p.shape).shape == (3, 1)
    assert loss([0, 1, 1], p) == loss([[0], [1], [1]], p)


def test_sparse_labels_may_stand_in_a_column():
    loss, p = losses.SparseCategoricalCrossentropy(), np.array([[0.2, 0.8], [0.9, 0.1]])
    assert loss([1, 0], p) == loss([[1], [0]], p) == pytest.approx(-np.log(0.72) / 2)
    assert loss.prepare([1, 0], (2, 2)).dtype == np.float32


def test_labels_of_more_axes():
    p = np.random.default_rng(0).uniform(0.1, 0.9, (2, 3, 1))
    y = np.array([[0, 1, 1], [1, 0, 0]])
    binary, sparse = losses.BinaryCrossentropy(), losses.SparseCategoricalCrossentropy()
    assert binary.prepare(y, p.shape).shape == (2, 3, 1)
    assert binary(y, p) == pytest.approx(-np.mean(np.log(np.where(y == 1, p[..., 0], 1 - p[..., 0]))))
    for given in (y, y[..., None]):
        np.testing.assert_array_equal(sparse.prepare(given, (2, 3, 4)), np.eye(4)[y])
    with pytest.raises(ValueError, match=r"\(2, 2\), but predictions of shape \(2, 3, 4\) need \(2, 3\)"):
        sparse.prepare(y[:, :2], (2, 3, 4))


@pytest.mark.parametrize(
    ("name", "y_shape", "message"),
    [
        ("categorical_crossentropy", (4,), r"\(4,\), but the predictions have \(4, 3\).*to_categorical.*'sparse_"),
        ("categorical_crossentropy", (4, 2), r"\(4, 2\), but the predictions have \(4, 3\)"),
        ("binary_crossentropy", (4,), r"\(4,\), but the predictions have \(4, 3\)"),
        ("mean_squared_error", (4, 1), r"mean_squared_error: .*\(4, 1\), but the predictions have \(4, 3\)"),
        ("sparse_categorical_crossentropy", (4, 3), r"\(4, 3\), but .* \(4, 3\) need \(4,\).*'categorical_"),
        ("sparse_categorical_crossentropy", (3,), r"\(3,\), but predictions of shape \(4, 3\) need \(4,\)"),
    ],
)
def test_messages_say_which_shapes_met(name, y_shape, message):
    with pytest.raises(ValueError, match=message):
        losses.get(name)(np.zeros(y_shape), np.full((4, 3), 0.5))


def test_sparse_label_outside_the_classes():
    with pytest.raises(ValueError, match=r"0 … 2, but found 0 … 3"):
        losses.SparseCategoricalCrossentropy()([0, 3], np.full((2, 3), 0.3))
