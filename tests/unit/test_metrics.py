"""Metrics by hand, and which accuracy fits which loss and output."""

import numpy as np
import pytest

from helpers import losses, metrics

PROBABILITIES = np.array([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6]])
ANSWERS = np.array([1, 2, 2])  # right, wrong, right


@pytest.mark.parametrize(
    "labels", [ANSWERS, ANSWERS[:, None], ANSWERS.astype("uint8"), ANSWERS.astype("float32"), ANSWERS.tolist()]
)
def test_sparse_categorical_accuracy(labels):
    assert metrics.sparse_categorical_accuracy(labels, PROBABILITIES).tolist() == [True, False, True]


def test_categorical_accuracy():
    assert metrics.categorical_accuracy(np.eye(3)[ANSWERS], PROBABILITIES).tolist() == [True, False, True]
    assert metrics.categorical_accuracy(np.eye(3)[ANSWERS].tolist(), PROBABILITIES.tolist()).tolist() == [1, 0, 1]


def test_binary_accuracy():
    y, p = np.array([[1, 0], [1, 1], [0, 0]]), np.array([[0.9, 0.1], [0.9, 0.2], [0.5, 0.51]])
    assert metrics.binary_accuracy(y, p).tolist() == [1, 0.5, 0.5]  # exactly 0.5 is a no
    assert metrics.binary_accuracy(y, p, threshold=0.6).tolist() == [1, 0.5, 1]
    assert metrics.binary_accuracy([1, 1], [[0.9], [0.1]]).tolist() == [1, 0]  # labels (n,), outputs (n, 1)


@pytest.mark.parametrize(("name", "expected"), [("mae", [1.5, 1]), ("mse", [2.5, 1])])
def test_distances(name, expected):
    metric = metrics.get(name, None)
    y, p = np.array([[0.0, 1.0], [2.0, 2.0]]), np.array([[1.0, 3.0], [1.0, 3.0]])
    assert metric(y, p).tolist() == expected
    assert metric(y.tolist(), p.tolist()).tolist() == expected


@pytest.mark.parametrize("name", ["mae", "mse"])
def test_distances_of_flat_labels(name):
    # Labels (3,) beside outputs (3, 1) would broadcast to (3, 3): each label against every prediction.
    assert metrics.get(name, None)(np.array([1.0, 2.0, 3.0]), np.array([[1.0], [2.0], [4.0]])).tolist() == [0, 0, 1]


@pytest.mark.parametrize(("name", "expected"), [("mae", 10), ("mse", 100)])
def test_distances_of_bytes(name, expected):
    # uint8 pictures: 10 - 20 must not wrap round to 246.
    y, p = np.array([[20, 10]], "uint8"), np.array([[10, 20]], "uint8")
    assert metrics.get(name, None)(y, p).tolist() == [expected]


@pytest.mark.parametrize("alias", ["accuracy", "acc", "Accuracy"])
@pytest.mark.parametrize(
    ("loss", "y", "p"),
    [
        ("categorical_crossentropy", np.eye(3)[ANSWERS], PROBABILITIES),
        ("mse", np.eye(3)[ANSWERS], PROBABILITIES),
        ("sparse_categorical_crossentropy", ANSWERS, PROBABILITIES),
        ("binary_crossentropy", np.array([[1], [1], [0]]), np.array([[0.9], [0.2], [0.1]])),
        # one output: a yes/no answer, whatever the loss; argmax over one number would always be "right"
        ("mse", np.array([[1], [1], [0]]), np.array([[0.9], [0.2], [0.1]])),
        ("mse", np.array([1, 1, 0]), np.array([[0.9], [0.2], [0.1]])),
    ],
)
def test_accuracy_fits_the_loss(alias, loss, y, p):
    assert metrics.get(alias, losses.get(loss))(y, p).tolist() == [1, 0, 1]


@pytest.mark.parametrize("name", sorted(set(metrics.METRICS) - {"accuracy", "acc"}))
def test_get_by_name(name):
    assert metrics.get(name, None) is metrics.METRICS[name]


def test_get():
    def mine(y_true, y_pred):
        return y_true

    assert metrics.get(mine, None) is mine
    with pytest.raises(ValueError, match="Unknown metric 'acuracy'. Did you mean 'accuracy'"):
        metrics.get("acuracy", None)
    with pytest.raises(ValueError, match="metric must be a name .* but got 5"):
        metrics.get(5, None)


@pytest.mark.parametrize("name", sorted(set(metrics.METRICS) - {"accuracy", "acc"}))
def test_it_is_the_last_axis_that_counts(name):
    r = np.random.default_rng(0)
    p = r.uniform(size=(2, 4, 3))
    y = r.integers(0, 3, (2, 4)) if name.startswith("sparse") else np.eye(3)[r.integers(0, 3, (2, 4))]
    metric = metrics.get(name, None)
    assert metric(y, p).shape == (2, 4)
    np.testing.assert_array_equal(metric(y, p), [metric(*one) for one in zip(y, p)])


def test_accuracy_of_several_yes_or_no_answers():
    y, p = np.array([[1, 1, 0]]), np.array([[0.9, 0.6, 0.7]])
    assert metrics.get("accuracy", losses.get("binary_crossentropy"))(y, p) == pytest.approx(2 / 3)
    one_output = np.array([[[0.9], [0.2]]])  # (1, 2, 1): the last length counts, not the second
    assert metrics.get("accuracy", losses.get("mse"))(np.array([[[1], [1]]]), one_output).tolist() == [[1, 0]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_distances_keep_their_precision(dtype):
    assert metrics.mean_absolute_error(np.zeros((1, 2), dtype), np.ones((1, 2), dtype)).dtype == dtype
