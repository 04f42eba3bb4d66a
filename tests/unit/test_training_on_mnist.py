"""The promise of the first page: the network of the slides, on all of MNIST, in five epochs."""

import numpy as np
import pytest

from helpers import layers, models
from helpers.datasets import mnist
from helpers.utils import set_random_seed, to_categorical


@pytest.fixture(scope="module")
def trained():
    """(training accuracy, test accuracy, history) for five seeds."""
    (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
    train_images = train_images.reshape((60000, 28 * 28)).astype("float32") / 255
    test_images = test_images.reshape((10000, 28 * 28)).astype("float32") / 255
    train_labels, test_labels = to_categorical(train_labels), to_categorical(test_labels)
    results = []
    for seed in range(5):
        set_random_seed(seed)
        network = models.Sequential()
        network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
        network.add(layers.Dense(10, activation="softmax"))
        network.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
        history = network.fit(train_images, train_labels, epochs=5, batch_size=128, verbose=0)
        assert network.optimizer.iterations == 2345
        results.append((history.history["accuracy"][-1], network.evaluate(test_images, test_labels, verbose=0)[1]))
    return np.array(results)


def test_accuracy_on_the_training_pictures(trained):
    assert np.all(trained[:, 0] >= 0.985), trained


def test_accuracy_on_the_test_pictures(trained):
    assert np.all(trained[:, 1] >= 0.975), trained
    assert trained[:, 1].mean() >= 0.978, trained


def test_the_gap_between_them_is_overfitting(trained):
    assert np.all(trained[:, 0] > trained[:, 1]), trained
