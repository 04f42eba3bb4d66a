"""Whole programs under Keras and under helpers, only the import changed; and the same mistakes refused by both."""

import importlib.util
import os
import re
from pathlib import Path

import numpy as np
import pytest

import helpers.layers
import helpers.models
import helpers.optimizers
import helpers.utils
from helpers.datasets import mnist

os.environ.setdefault("KERAS_BACKEND", "jax" if importlib.util.find_spec("jax") else "torch")
keras = pytest.importorskip("keras")

README = Path(__file__).parents[2] / "README.md"
HELPERS = importlib.import_module("helpers")


@pytest.fixture(autouse=True)
def _float32():
    keras.backend.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def digits():
    (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
    x, x_test = (a.reshape(len(a), 784).astype("float32") / 255 for a in (train_images, test_images))
    return x, helpers.utils.to_categorical(train_labels), x_test, test_labels


def network(module):
    k = module.layers
    return module.models.Sequential(
        [k.Input((784,)), k.Dense(512, activation="relu"), k.Dense(10, activation="softmax")]
    )


def test_a_whole_epoch_of_mnist(digits):
    x, y, x_test, _ = digits
    ours, theirs = network(HELPERS), network(keras)
    helpers.utils.set_random_seed(0)
    ours.set_weights(network(HELPERS).get_weights())
    theirs.set_weights(ours.get_weights())
    curves = []
    for model, optimizer in ((ours, helpers.optimizers.RMSprop()), (theirs, keras.optimizers.RMSprop())):
        model.compile(optimizer, "categorical_crossentropy")
        seen = []

        class Note((HELPERS if model is ours else keras).callbacks.Callback):
            def on_train_batch_end(self, batch, logs, seen=seen):
                seen.append(logs["loss"])

        model.fit(x, y, batch_size=128, epochs=1, shuffle=False, verbose=0, callbacks=[Note()])
        curves.append(seen)
    # logs hold the mean of the losses so far: from the two means before and after it, each batch's own
    batches = np.arange(1, len(curves[0]) + 1)
    each = [np.diff(np.array(curve) * batches, prepend=0) for curve in curves]
    assert len(batches) == 469
    np.testing.assert_allclose(curves[0], curves[1], atol=1e-3)
    assert np.median(np.abs(each[0] - each[1])) < 1e-3
    answers = [model.predict(x_test, verbose=0).argmax(axis=1) for model in (ours, theirs)]
    same = np.mean(answers[0] == answers[1])
    print(f"largest distance of the curves {np.abs(np.subtract(*curves)).max():.1e}, equal answers {same:.2%}")
    assert same >= 0.995


def test_the_program_of_the_readme(digits, monkeypatch):
    """Its numbers differ with the random start; how well it reads digits does not."""
    program = re.search(r"```python\n(from helpers import layers.*?)```", README.read_text(encoding="utf-8"), re.S)[1]
    program = program.replace("epochs=5", "epochs=1, verbose=0")
    if hasattr(keras, "datasets"):
        monkeypatch.setattr(keras.datasets.mnist, "load_data", mnist.load_data)  # the same files, and no download
    accuracy = []
    for name in ("helpers", "keras"):
        scope = {}
        exec(program.replace("helpers", name), scope)
        _, _, x_test, labels = digits
        accuracy.append(np.mean(np.asarray(scope["network"].predict(x_test, verbose=0)).argmax(axis=1) == labels))
    print(f"accuracy after one epoch: helpers {accuracy[0]:.2%}, keras {accuracy[1]:.2%}")
    assert min(accuracy) > 0.95
    assert abs(accuracy[0] - accuracy[1]) < 0.015


X, Y = np.zeros((8, 4), "float32"), np.eye(3, dtype="float32")[np.arange(8) % 3]


def compiled(k, **options):
    model = k.models.Sequential([k.layers.Input((4,)), k.layers.Dense(3, activation="softmax")])
    model.compile(**({"optimizer": "sgd", "loss": "categorical_crossentropy"} | options))
    return model


MISTAKES = {
    "an unknown activation": lambda k: k.layers.Dense(3, activation="reluu"),
    "an unknown initializer": lambda k: k.layers.Dense(3, kernel_initializer="zeroes"),
    "no units": lambda k: k.layers.Dense(0),
    "negative units": lambda k: k.layers.Dense(-1),
    "units of a half": lambda k: k.layers.Dense(2.5),
    "an unknown optimizer": lambda k: compiled(k, optimizer="sdg"),
    "an unknown loss": lambda k: compiled(k, loss="entropy").fit(X, Y, verbose=0),
    "an unknown metric": lambda k: compiled(k, metrics=["acuracy"]).fit(X, Y, verbose=0),
    "not compiled": lambda k: k.models.Sequential([k.layers.Dense(3)]).fit(X, Y, verbose=0),
    "a layer that is none": lambda k: k.models.Sequential([3]),
    "other features": lambda k: compiled(k).predict(X[:, :3], verbose=0),
    "fewer labels": lambda k: compiled(k).fit(X, Y[:7], verbose=0),
    "labels of other classes": lambda k: compiled(k).fit(X, Y[:, :2], verbose=0),
    "weights of another shape": lambda k: compiled(k).set_weights([np.zeros((3, 3)), np.zeros(3)]),
    "too few weights": lambda k: compiled(k).set_weights([np.zeros((4, 3))]),
    "a momentum of 2": lambda k: k.optimizers.SGD(momentum=2),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_same_mistakes_are_refused(mistake):
    refused = {}
    for module in (keras, HELPERS):
        with pytest.raises((ValueError, TypeError)) as caught:
            MISTAKES[mistake](module)
        refused[module.__name__] = caught.type
    # Keras raises ValueError for nearly all; ours is a ValueError or TypeError, too, and never another kind.
    assert set(refused.values()) <= {ValueError, TypeError}


@pytest.mark.parametrize("factor", [0, 0.5, 2])
def test_labels_whose_rows_do_not_sum_to_one(factor):
    x = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    results = []
    for module in (keras, HELPERS):
        model = compiled(module)
        model.set_weights([np.full((4, 3), 0.1) * np.arange(3), np.arange(3.0)])
        found = model.fit(x, Y * factor, batch_size=8, verbose=0).history["loss"]
        results.append(np.concatenate([found, np.asarray(model.get_weights()[0]).ravel()]))
    np.testing.assert_allclose(results[1], results[0], rtol=1e-4, atol=1e-6)
