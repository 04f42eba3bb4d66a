"""`Sequential` as Keras users expect it: building, training, judging, saving, and what is said when something is wrong."""

import copy
import gc
import os
import pickle
import sys
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from helpers import layers, losses, models, optimizers, utils
from helpers.callbacks import Callback, ProgressBar
from helpers.models import DivergenceError, Sequential


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(autouse=True)
def _seed():
    utils.set_random_seed(0)


X = rng().normal(size=(10, 4)).astype("float32")
LABELS = rng(1).integers(0, 3, 10)
Y = utils.to_categorical(LABELS, 3)


def network(loss="categorical_crossentropy", metrics=("accuracy",), optimizer="sgd", **dense):
    model = Sequential([
        layers.Input((4,)), layers.Dense(5, activation="relu"), layers.Dense(3, activation="softmax", **dense),
    ])  # fmt: skip
    model.compile(optimizer, loss, metrics=list(metrics))
    return model


def same(before, after):
    return len(before) == len(after) and all(np.array_equal(a, b) for a, b in zip(before, after))


class Spy(Callback):
    """Notes every event, and what it came with."""

    def __init__(self, stop=None):
        self.seen, self.logs, self.stop = [], [], stop

    def note(self, *event):
        self.seen.append(event)
        if event == self.stop:
            self.model.stop_training = True

    def on_train_begin(self):
        self.note("train begins")

    def on_epoch_begin(self, epoch):
        self.note("epoch begins", epoch)

    def on_train_batch_end(self, batch, logs):
        self.logs.append(dict(logs))
        self.note("batch", batch)

    def on_epoch_end(self, epoch, logs):
        self.logs.append(dict(logs))
        self.note("epoch ends", epoch)

    def on_train_end(self):
        self.note("train ends")


# ── building ────────────────────────────────────────────────────────────────────────────────────────────────────────


def added(*parts):
    model = Sequential()
    for part in parts:
        model.add(part)
    return model


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sequential([layers.Input((4,)), layers.Dense(5), layers.Dense(3)]),
        lambda: Sequential([layers.Dense(5, input_shape=(4,)), layers.Dense(3)]),
        lambda: added(layers.Input(shape=(4,)), layers.Dense(5), layers.Dense(3)),
        lambda: added(layers.Dense(5, input_shape=(4,)), layers.Dense(3)),
    ],
)
def test_a_declared_input_suffices_to_build(make):
    model = make()
    assert model.count_params() == 5 * 4 + 5 + 3 * 5 + 3
    assert [w.shape for w in make().get_weights()] == [(4, 5), (5,), (5, 3), (3,)]
    assert make()(X).shape == (10, 3)
    assert len(model.layers) == 2  # Input is not one of them, as in Keras
    with pytest.raises(ValueError, match=r"dense was built for .*\(samples, 4\), but got \(10, 5\)"):
        make()(np.ones((10, 5)))


def test_the_first_call_builds():
    model = Sequential([layers.Dense(5), layers.Dense(3)])
    assert not model.built
    assert model(X).shape == (10, 3)
    assert model.built
    assert model.layers[0].input_shape == (4,)
    by_hand = Sequential([layers.Dense(5)])
    by_hand.build((None, 7))
    assert by_hand.count_params() == 40
    assert by_hand.dtype == np.float32


@pytest.mark.parametrize("given", ["float32", "float64", "uint8", "int64", "bool"])
def test_float32_by_default_and_float64_kept(given):
    made = "float64" if given == "float64" else "float32"
    model = Sequential([layers.Dense(5), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    x = np.ones((10, 4), given)
    model.fit(x, Y, verbose=0)
    assert {w.dtype for w in [*model.get_weights(), model.parameters, model.predict(x)]} == {np.dtype(made)}


def test_the_declared_dtype_counts_before_that_of_the_data():
    model = Sequential([layers.Input((4,)), layers.Dense(3)])
    assert model(X.astype("float64")).dtype == np.float32
    assert Sequential([layers.Input((4,), dtype="float64"), layers.Dense(3)])(X).dtype == np.float64


def test_input_of_bytes_still_has_float_weights():
    # Pictures are declared as uint8; weights of whole numbers could only be 0.
    model = Sequential([layers.Input((4,), dtype="uint8"), layers.Dense(3)])
    assert model.get_weights()[0].dtype == np.float32
    assert model.get_weights()[0].any()


def test_names():
    model = added(layers.Dense(2), layers.Flatten(), layers.Dense(2), layers.Dense(2, name="last"))
    assert [layer.name for layer in model.layers] == ["dense", "flatten", "dense_1", "last"]
    assert (model.name, Sequential(name="mine").name) == ("sequential", "mine")


@pytest.mark.parametrize(
    ("act", "kind", "message"),
    [
        (
            lambda: Sequential([layers.Dense]),
            TypeError,
            r"add takes a layer, such as layers.Dense\(10\), but got <class",
        ),
        (lambda: Sequential(["relu"]), TypeError, "but got 'relu'"),
        (lambda: Sequential([layers.Dense(2), layers.Input((3,))]), ValueError, "Input must be the first layer"),
        (lambda: Sequential([layers.Dense(2)] * 2), ValueError, "in the model already: make a new one"),
        (
            lambda: Sequential().build(),
            ValueError,
            r"no layers: add some, for instance model.add\(layers.Dense\(10\)\)",
        ),
        (lambda: Sequential()(X), ValueError, "no layers"),
        (lambda: Sequential([layers.Dense(2)]).build(), ValueError, r"give layers.Input\(shape\), or call the model"),
        (lambda: Sequential([layers.Dense(2)]).get_weights(), ValueError, "input's shape is not known"),
        (
            lambda: Sequential([layers.Dense(2)])(np.ones((2, 28, 28))),
            ValueError,
            r"layers.Flatten\(\).*\(samples, 784\)",
        ),
        (
            lambda: Sequential([layers.Dense(2)])(np.array(["a"])),
            TypeError,
            "x must be an array of numbers, but got <U1",
        ),
        (lambda: Sequential([layers.Dense(2)])(np.ones((2, 2)) * 1j), TypeError, "but got complex128"),
    ],
)
def test_building_messages(act, kind, message):
    with pytest.raises(kind, match=message):
        act()


def test_a_layer_added_to_a_built_model_joins_the_vector_and_keeps_the_weights():
    model = network()
    before = model(X)
    weights = model.get_weights()
    model.add(layers.Dense(2))
    assert all(np.array_equal(old, now) for old, now in zip(weights, model.get_weights()))
    W, b = model.layers[-1].params.values()
    assert W.shape == (before.shape[1], 2)
    assert np.shares_memory(W, model.parameters)
    assert np.shares_memory(model.layers[0].params["W"], model.parameters)
    np.testing.assert_allclose(model(X), before @ W + b, rtol=1e-5)


def test_nan_in_the_labels_is_not_blamed_on_the_learning_rate():
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    y = np.ones((len(X), 1))
    y[3] = np.nan
    with pytest.raises(DivergenceError, match="y holds nan or inf"):
        model.fit(X, y, verbose=0)


def test_saved_weights_can_be_read_by_others(tmp_path):
    model = network()
    model(X)
    usual = tmp_path / "usual"
    usual.touch()
    path = model.save_weights(tmp_path / "weights.npz")
    assert os.stat(path).st_mode == usual.stat().st_mode


def test_a_failed_build_leaves_the_model_unbuilt():
    model = Sequential([layers.Dense(3)])
    with pytest.raises(ValueError, match="Flatten"):
        model(np.ones((2, 3, 4)))
    assert not model.built
    assert model(np.ones((2, 4))).shape == (2, 3)


def windows(model):
    """Do the layers' arrays lie in the model's vectors, one behind the other, each on a 64-byte line?"""
    end = 0
    for layer in model.layers:
        for key, p in layer.params.items():
            for array, vector in ((p, model.parameters), (layer.grads[key], model.gradients)):
                assert np.shares_memory(array, vector)
                start = array.ctypes.data - vector.ctypes.data
                assert start % 64 == 0
            assert start >= end
            end = start + p.nbytes
    assert end <= model.parameters.nbytes


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_and_gradients_are_one_vector_each(dtype):
    model = Sequential([layers.Dense(5, bias_initializer="ones"), layers.Dense(7, use_bias=False), layers.Dense(3)])
    model.build((None, 4), dtype)
    windows(model)
    assert model.layers[0].params["b"].tolist() == [1] * 5  # values moved with them
    assert (np.abs(model.layers[0].params["W"]) > 0).all()
    model.parameters[...] = 7
    model.gradients[...] = 8
    assert all((w == 7).all() for w in model.get_weights())
    assert all((g == 8).all() for layer in model.layers for g in layer.grads.values())


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copied_model_trains_on_its_own(duplicate):
    # Copying cuts windows out of their vector; training would then change a vector that no layer reads.
    model = network(optimizer="adam")
    model.fit(X, Y, verbose=0)
    twin, before = duplicate(model), model.get_weights()
    windows(twin)
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    twin.fit(X, Y, shuffle=False, verbose=0)
    assert same(before, model.get_weights())
    assert not same(before, twin.get_weights())
    model.fit(X, Y, shuffle=False, verbose=0)
    assert same(model.get_weights(), twin.get_weights())  # Adam's memory came along
    assert not duplicate(Sequential([layers.Dense(2)])).built


# ── compile ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_compile_by_name_class_or_object():
    model = network(optimizer="adam", loss="mse", metrics=["mae"])
    assert isinstance(model.optimizer, optimizers.Adam)
    assert isinstance(model.loss, losses.MeanSquaredError)
    assert model.metrics_names == ["loss", "mae"]
    mine, loss = optimizers.SGD(0.5), losses.CategoricalCrossentropy()
    model.compile(mine, loss)
    assert model.optimizer is mine
    assert model.loss is loss
    assert model.metrics_names == ["loss"]
    model.compile(loss="mse", metrics="accuracy")
    assert isinstance(model.optimizer, optimizers.RMSprop)  # Keras's default
    assert model.metrics_names == ["loss", "accuracy"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "compile needs a loss. Known: 'categorical_crossentropy'"),
        ({"loss": "mes"}, "Unknown loss 'mes'. Did you mean 'mse'"),
        ({"loss": "mse", "optimizer": "rmsporp"}, "Did you mean 'rmsprop'"),
        ({"loss": "mse", "metrics": ["acuracy"]}, "Did you mean 'accuracy'"),
        ({"loss": "mse", "metrics": [5]}, "metric must be a name .* but got 5"),
    ],
)
def test_compile_messages(options, message):
    with pytest.raises(ValueError, match=message):
        network().compile(**options)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_not_compiled(method):
    with pytest.raises(ValueError, match="compile the model first: model.compile"):
        getattr(Sequential([layers.Dense(3)]), method)(X, Y)


def test_predict_needs_no_compile():
    assert Sequential([layers.Dense(3)]).predict(X).shape == (10, 3)


# ── fit ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fit_is_the_loop_written_by_hand(dtype):
    """Batches of 4, 4 and 2: the short last one counts by its own size, in the loss and in the gradient."""
    x, y = X.astype(dtype), Y
    model = Sequential([layers.Dense(5, activation="tanh"), layers.Dense(3, activation="softmax")])
    model.compile(optimizers.SGD(0.5), "categorical_crossentropy", metrics=["accuracy"])
    model(x)
    W1, b1, W2, b2 = model.get_weights()
    expected = []
    for _ in range(2):
        loss = right = 0
        for start in (0, 4, 8):
            xb, yb = x[start : start + 4], y[start : start + 4]
            h = np.tanh(xb @ W1 + b1)
            e = np.exp(h @ W2 + b2)
            p = e / e.sum(axis=1, keepdims=True)
            loss -= np.sum(yb * np.log(p))
            right += np.sum(p.argmax(1) == yb.argmax(1))
            dz2 = (p - yb) / len(xb)
            dz1 = dz2 @ W2.T * (1 - h**2)
            W2, b2 = W2 - 0.5 * h.T @ dz2, b2 - 0.5 * dz2.sum(0)
            W1, b1 = W1 - 0.5 * xb.T @ dz1, b1 - 0.5 * dz1.sum(0)
        expected.append((loss / 10, right / 10))
    history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(
        list(zip(history.history["loss"], history.history["accuracy"])), expected, rtol=tolerance
    )
    for found, w in zip(model.get_weights(), (W1, b1, W2, b2)):
        np.testing.assert_allclose(found, w, rtol=tolerance, atol=tolerance)
    assert model.optimizer.iterations == 6


@pytest.mark.parametrize("batch_size", [1, 3, 10, 99])
def test_every_sample_once_an_epoch(batch_size):
    seen = []

    def remember(y_true, y_pred):
        seen.append(np.asarray(y_true).ravel().tolist())
        return np.zeros(len(y_true))

    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[remember])
    y = np.arange(10.0)
    model.fit(X, y, batch_size=batch_size, epochs=2, verbose=0)
    sizes = [len(part) for part in seen]
    full, rest = divmod(10, min(batch_size, 10))
    assert sizes == 2 * ([min(batch_size, 10)] * full + [rest] * bool(rest))
    flat = sum(seen, [])
    first, second = flat[:10], flat[10:]
    assert sorted(first) == sorted(second) == y.tolist()
    assert first != second  # a new order each epoch
    seen.clear()
    model.fit(X, y, batch_size=batch_size, epochs=1, shuffle=False, verbose=0)
    assert sum(seen, []) == y.tolist()


@pytest.mark.parametrize("kind", ["float32", "float64", "uint8", ">f4"])
def test_shuffling_keeps_each_sample_with_its_label(kind):
    # The label is one of the features: from batches put together wrongly the weights could not come out exact.
    x = rng(3).integers(0, 5, (64, 4)).astype(kind)
    model = Sequential([layers.Input((4,)), layers.Dense(1)])
    model.compile(optimizers.SGD(0.02), "mse")
    model.fit(x, x[:, 2].astype("float64"), batch_size=5, epochs=200, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0][:, 0], [0, 0, 1, 0], atol=1e-3)


def test_the_same_seed_repeats_exactly():
    def run(seed):
        utils.set_random_seed(seed)
        model = network(optimizer="adam")
        history = model.fit(X, Y, batch_size=3, epochs=3, verbose=0)
        return history.history, model.get_weights()

    (first, weights), (again, weights_again), (other, _) = run(1), run(1), run(2)
    assert first == again
    assert same(weights, weights_again)
    assert first != other


@pytest.mark.parametrize("optimizer", [optimizers.SGD(0.5, momentum=0.9), "adagrad", "rmsprop", "adam"])
def test_learning_a_separable_problem(optimizer):
    r = rng(5)
    labels = r.integers(0, 3, 300)
    x = r.normal(size=(300, 2)) + 10 * np.array([[1, 0], [-1, 1], [-1, -1]])[labels]
    model = Sequential([layers.Dense(16, activation="relu"), layers.Dense(3, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    if isinstance(optimizer, str):
        model.optimizer.learning_rate = 0.05
    history = model.fit(x / 10, labels, epochs=40, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] / 2
    assert model.evaluate(x / 10, labels, verbose=0)[1] == 1


def test_xor_needs_the_hidden_layer():
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "uint8"), np.array([0, 1, 1, 0])
    model = Sequential([layers.Dense(8, activation="tanh"), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=200, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] == 1


def test_history_and_callbacks():
    spy = Spy()
    model = network()
    history = model.fit(X, Y, batch_size=4, epochs=2, callbacks=[spy], validation_data=(X[:3], Y[:3]), verbose=0)
    epoch = [("batch", 0), ("batch", 1), ("batch", 2)]
    assert spy.seen == [
        ("train begins",),
        ("epoch begins", 0), *epoch, ("epoch ends", 0),
        ("epoch begins", 1), *epoch, ("epoch ends", 1),
        ("train ends",),
    ]  # fmt: skip
    assert spy.model is model
    assert spy.params == {"epochs": 2, "steps": 3, "batch_size": 4}
    assert history.epoch == [0, 1]
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert [history.history[name][1] for name in ("loss", "val_loss")] == [
        spy.logs[-1][n] for n in ("loss", "val_loss")
    ]
    judged = model.evaluate(X[:3], Y[:3], verbose=0, return_dict=True)
    assert history.history["val_loss"][-1] == pytest.approx(judged["loss"])
    assert history.history["val_accuracy"][-1] == judged["accuracy"]
    assert set(spy.logs[0]) == {"loss", "accuracy"}


def test_logs_run_up_to_the_mean_over_the_samples_so_far():
    spy = Spy()

    def label(y_true, y_pred):
        return y_true[:, 0]

    model = Sequential([layers.Dense(1)])
    model.compile(optimizers.SGD(0), "mse", metrics=[label])
    model.fit(X, np.arange(10.0)[:, None], batch_size=4, shuffle=False, callbacks=[spy], verbose=0)
    assert [logs["label"] for logs in spy.logs] == [1.5, 3.5, 4.5, 4.5]  # not the mean of the batches' means


def test_a_metric_may_give_the_mean_of_the_batch():
    def label(y_true, y_pred):
        return np.mean(y_true)

    model = Sequential([layers.Dense(1)])
    model.compile(optimizers.SGD(0), "mse", metrics=[label])
    history = model.fit(X, np.arange(10.0)[:, None], batch_size=4, verbose=0)
    assert history.history["label"] == [pytest.approx(4.5)]
    assert model.evaluate(X, np.arange(10.0)[:, None], batch_size=4, verbose=0)[1] == pytest.approx(4.5)


@pytest.mark.parametrize(
    ("stop", "batches", "epochs"),
    [(("batch", 1), 2, [0]), (("epoch ends", 1), 6, [0, 1]), (("epoch begins", 1), 4, [0, 1])],
)
def test_stop_training(stop, batches, epochs):
    spy, model = Spy(stop), network()
    history = model.fit(X, Y, batch_size=4, epochs=9, callbacks=[spy], verbose=0)
    assert history.epoch == epochs
    assert model.optimizer.iterations == batches
    assert spy.seen[-1] == ("train ends",)
    spy.stop = None
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]  # the next fit starts afresh


def test_validation_is_not_learnt_from():
    alone, judged = network(), network()
    judged.set_weights(alone.get_weights())
    alone.fit(X, Y, epochs=3, shuffle=False, verbose=0)
    judged.fit(X, Y, epochs=3, shuffle=False, validation_data=(X[:5] + 9, Y[:5]), verbose=0)
    assert same(alone.get_weights(), judged.get_weights())


def test_verbose(capsys):
    model = network()
    model.fit(X, Y, epochs=2, verbose=0)
    assert capsys.readouterr().out == ""
    model.evaluate(X, Y, verbose=0)
    model.predict(X)
    assert capsys.readouterr().out == ""
    for verbose in ("auto", 1, 2):
        model.fit(X, Y, batch_size=4, epochs=2, validation_data=(X, Y), verbose=verbose)
        heading, line, *more = capsys.readouterr().out.splitlines()
        assert heading == "Epoch 1/2"
        assert line.startswith("3/3 ━━━━━━━━━━━━━━━━━━━━ ")
        parts = [part.split(":")[0] for part in line.split(" - ")[1:]]
        assert parts == ["accuracy", "loss", "val_accuracy", "val_loss"]
        assert len(more) == 2
    loss, accuracy = model.evaluate(X, Y)
    assert capsys.readouterr().out == f"accuracy: {accuracy:.4f} - loss: {loss:.4f}\n"


def test_verbose_2_is_never_redrawn(monkeypatch, capsys):
    monkeypatch.setattr(ProgressBar, "seconds_between_redraws", -1)
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    network().fit(X, Y, batch_size=4, verbose=1)
    assert capsys.readouterr().out.count("\r") == 3
    network().fit(X, Y, batch_size=4, verbose=2)
    assert "\r" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["batch_size", "epochs"])
@pytest.mark.parametrize("value", [0, -1, 2.5, "3", None, True])
def test_counts_must_be_whole(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number ≥ 1, but got {value!r}"):
        network().fit(X, Y, verbose=0, **{name: value})


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_batch_size_elsewhere(method):
    with pytest.raises(ValueError, match="batch_size must be a whole number ≥ 1, but got 0"):
        getattr(network(), method)(*((X, Y) if method == "evaluate" else (X,)), batch_size=0)


WRONG = [
    (X, Y[:9], r"x has 10 samples, but y has shape \(9, 3\)"),
    (X, 3, r"x has 10 samples, but y has shape \(\)"),
    (X, LABELS, r"labels have shape \(10,\), but the predictions have \(10, 3\).*to_categorical"),
    (X[:, :3], Y, r"dense was built for an input of shape \(samples, 4\), but got \(10, 3\)"),
    (X[0], Y, r"\(samples, 4\), but got \(4,\)"),
    (X[:0], Y[:0], r"there is no data: x has shape \(0, 4\)"),
]


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
@pytest.mark.parametrize(("x", "y", "message"), WRONG)
def test_shapes_that_do_not_fit(method, x, y, message):
    model = network()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        getattr(model, method)(x, y)
    assert same(before, model.get_weights())


def test_validation_data_is_checked_before_training():
    model = network()
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"x has 10 samples, but y has shape \(9, 3\)"):
        model.fit(X, Y, validation_data=(X, Y[:9]), verbose=0)
    assert same(before, model.get_weights())


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize(
    "loss", ["categorical_crossentropy", "sparse_categorical_crossentropy", "mse", "binary_crossentropy"]
)
@pytest.mark.parametrize("last", ["softmax", "linear", "sigmoid"])
def test_data_is_never_modified(dtype, loss, last):
    # One Flatten alone in front hands the data on as it is: the sharpest test of in-place layers.
    x, y = rng(1).integers(0, 2, (10, 2, 2)).astype(dtype), LABELS if loss.startswith("sparse") else Y.astype(dtype)
    x_before, y_before = x.copy(), y.copy()
    model = Sequential([layers.Flatten(), layers.Dense(3, activation=last, bias_initializer="ones")])
    model.compile(optimizers.SGD(0.01), loss, metrics=["accuracy", "mae"] if loss == "mse" else ["accuracy"])
    model.fit(x, y, batch_size=4, epochs=2, validation_data=(x, y), verbose=0)
    model.train_on_batch(x, y)
    model.evaluate(x, y, verbose=0)
    model.predict(x)
    model(x)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(y, y_before)


@pytest.mark.parametrize("part", [[layers.Flatten], [layers.Flatten, layers.Flatten]])
def test_a_model_without_weights(part):
    # Nothing to learn, but its input must not be overwritten by the gradient either.
    x = X.copy()
    model = Sequential([kind() for kind in part])
    model.compile("sgd", "mse")
    model.fit(x, X * 2, verbose=0)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(model.predict(x), X)
    assert model.count_params() == 0


# ── what a step costs, counted rather than timed ────────────────────────────────────────────────────────────────────


@pytest.fixture
def products(monkeypatch):
    """The shapes that np.matmul multiplies."""
    seen, matmul = [], np.matmul

    def watch(a, b, **options):
        seen.append((np.shape(a), np.shape(b)))
        return matmul(a, b, **options)

    monkeypatch.setattr(np, "matmul", watch)
    return seen


@pytest.mark.parametrize(
    "front", [[], [layers.Flatten], [lambda: layers.Rescaling(2)], [layers.Flatten, lambda: layers.Rescaling(2)]]
)
def test_nothing_computes_the_gradient_of_the_input(products, front):
    model = Sequential([make() for make in front] + [layers.Dense(5, activation="relu"), layers.Dense(3)])
    model.compile("sgd", "mse")
    model(X)
    products.clear()
    model.train_on_batch(X, Y)
    forward = [((10, 4), (4, 5)), ((10, 5), (5, 3))]
    assert products == [*forward, ((10, 3), (3, 5)), ((5, 10), (10, 3)), ((4, 10), (10, 5))]


@pytest.mark.parametrize(("samples", "batch_size", "epochs"), [(10, 5, 1), (10, 5, 4), (40, 5, 1), (43, 5, 2)])
def test_products_grow_in_proportion_to_epochs_and_samples(products, samples, batch_size, epochs):
    model = network()
    x, y = np.resize(X, (samples, 4)), np.resize(Y, (samples, 3))
    model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0)
    assert len(products) == 5 * epochs * -(-samples // batch_size)


def traced_peak(run):
    """Most memory that NumPy and Python held at once, in bytes, beyond what was there before."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_epochs():
    x, y = np.resize(X, (2000, 4)), np.resize(Y, (2000, 3))
    model = network(optimizer="rmsprop")
    model.fit(x, y, verbose=0)
    few, many = (traced_peak(lambda n=n: model.fit(x, y, epochs=n, verbose=0)) for n in (2, 10))
    assert many < few + 20_000


def test_a_step_allocates_no_array_of_the_size_of_the_weights():
    model = Sequential([layers.Dense(512, activation="relu"), layers.Dense(3, activation="softmax")])
    model.compile("rmsprop", "categorical_crossentropy")
    x, y = rng().normal(size=(8, 784)).astype("float32"), np.resize(Y, (8, 3))
    model.train_on_batch(x, y)
    assert traced_peak(lambda: model.train_on_batch(x, y)) < model.layers[0].params["W"].nbytes / 20


@pytest.mark.parametrize("shape", [(28, 28), (784,)])
def test_bytes_are_rescaled_without_a_second_copy_of_all(shape):
    x = rng().integers(0, 256, (2000, *shape), "uint8")
    y = np.resize(Y, (2000, 3))

    def trained(*front):
        model = Sequential([*front, layers.Flatten(), layers.Dense(3, activation="softmax")])
        model.compile("sgd", "categorical_crossentropy")
        utils.set_random_seed(0)
        model(x[:1])
        return model

    model, plain = trained(layers.Rescaling(1 / 255)), trained()
    utils.set_random_seed(1)
    assert traced_peak(lambda: model.fit(x, y, verbose=0)) < x.nbytes / 2  # in float32 it would be four times x
    utils.set_random_seed(1)
    plain.fit(x.astype("float32") / 255, y, verbose=0)
    np.testing.assert_allclose(model.parameters, plain.parameters, rtol=1e-4, atol=1e-5)
    assert traced_peak(lambda: model.evaluate(x, y, verbose=0)) < x.nbytes / 2
    assert x.dtype == np.uint8


def test_lists_will_do():
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit([[1, 2], [3, 4]], [1, 2], verbose=0)
    assert model.predict([[1, 2]]).shape == (1, 1)


def test_train_on_batch():
    model, twin = network(), network()
    twin.set_weights(model.get_weights())
    before = model.evaluate(X, Y, verbose=0)[0]
    assert model.train_on_batch(X, Y) == pytest.approx(before)  # measured before the update
    twin.fit(X, Y, batch_size=10, shuffle=False, verbose=0)
    assert same(model.get_weights(), twin.get_weights())
    assert model.evaluate(X, Y, verbose=0)[0] < before


def test_the_optimizer_stays_with_its_network():
    shared = optimizers.Adam()
    network(optimizer=shared).fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match="make a new one for a new network"):
        network(optimizer=shared).fit(X, Y, verbose=0)


# ── evaluate, predict ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("batch_size", [1, 3, 10, 32])
def test_evaluate_is_a_direct_computation(batch_size):
    model = network(metrics=["accuracy", "mae", "mse"])
    p = model(X).astype("float64")
    expected = [
        -np.mean(np.log(p[np.arange(10), LABELS])),
        np.mean(p.argmax(1) == LABELS),
        np.mean(np.abs(p - Y)),
        np.mean((p - Y) ** 2),
    ]
    before = model.get_weights()
    assert model.evaluate(X, Y, batch_size=batch_size, verbose=0) == pytest.approx(expected, rel=1e-5)
    as_dict = model.evaluate(X, Y, batch_size=batch_size, verbose=0, return_dict=True)
    assert as_dict == pytest.approx(dict(zip(["loss", "accuracy", "mae", "mse"], expected)), rel=1e-5)
    assert same(before, model.get_weights())


def test_evaluate_without_metrics_is_a_number():
    value = network(metrics=[]).evaluate(X, Y, verbose=0)
    assert isinstance(value, float)


@pytest.mark.parametrize(("loss", "metric"), [("mse", "mse"), ("mse", "mae"), ("binary_crossentropy", "accuracy")])
def test_flat_labels_and_a_single_output(loss, metric):
    y = (LABELS > 0).astype("float32")
    model = Sequential([layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", loss, metrics=[metric])
    model(X)
    flat, column = model.evaluate(X, y, verbose=0), model.evaluate(X, y[:, None], verbose=0)
    assert flat == pytest.approx(column)
    if loss == metric:
        assert flat[1] == pytest.approx(flat[0])


@pytest.mark.parametrize("batch_size", [1, 3, 10, 32])
def test_predict_in_batches(batch_size):
    model = network()
    np.testing.assert_allclose(model.predict(X, batch_size=batch_size), model(X), rtol=1e-5, atol=1e-7)


def test_predict_nothing():
    p = network().predict(X[:0])
    assert (p.shape, p.dtype) == ((0, 3), np.float32)


# ── activations ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_activations_are_each_layers_output(dtype):
    x = X.astype(dtype).reshape(10, 2, 2)
    model = Sequential([
        layers.Flatten(), layers.Dense(5, activation="relu"), layers.Dense(2), layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    outputs = model.activations(x)  # builds the model, as a call does
    assert [a.shape for a in outputs] == [(10, 4), (10, 5), (10, 2), (10, 3)]
    assert {a.dtype for a in outputs} == {np.dtype(dtype)}
    for layer, before, after in zip(model.layers, [x, *outputs], outputs):
        np.testing.assert_array_equal(layer(before), after)
    np.testing.assert_array_equal(outputs[-1], model(x))


def test_activations_stay_as_they_were_when_training_goes_on():
    model = network()
    outputs = model.activations(X)
    kept = [a.copy() for a in outputs]
    model.fit(X, Y, epochs=2, batch_size=10, verbose=0)
    assert same(outputs, kept)
    assert not same(model.activations(X), kept)


def test_activations_of_what_does_not_fit():
    with pytest.raises(ValueError, match=r"built for an input of shape \(samples, 4\), but got \(10, 3\)"):
        network().activations(X[:, :3])
    with pytest.raises(TypeError, match="x must be an array of numbers"):
        network().activations(["a", "b"])
    with pytest.raises(ValueError, match="the model has no layers"):
        Sequential().activations(X)


# ── divergence ──────────────────────────────────────────────────────────────────────────────────────────────────────
# RuntimeWarning is an error here, so each of these also shows that none escapes.


def test_a_huge_learning_rate():
    model = Sequential([layers.Input((4,)), layers.Dense(5), layers.Dense(1)])
    model.compile(optimizers.SGD(1e6), "mse")
    with pytest.raises(DivergenceError) as caught:
        model.fit(X, np.ones(10), epochs=50, batch_size=5, verbose=0)
    text = str(caught.value)
    assert "Training diverged: the loss is" in text
    assert "learning rate too large: yours is 1e+06, try 100000" in text
    assert "build the model again" in text
    updates = model.optimizer.iterations  # the batch that showed it changed nothing any more
    assert f"epoch {updates // 2 + 1}, batch {updates % 2} (after {updates} updates)" in text


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("method", ["fit", "train_on_batch"])
def test_data_with_nan_or_inf(bad, method):
    x, model = X.copy(), network()
    x[7, 2] = bad
    before = model.get_weights()
    options = {"batch_size": 10, "verbose": 0} if method == "fit" else {}
    with pytest.raises(
        DivergenceError, match=r"because the data is: in batch 0 of epoch 1, x holds nan or inf.*np.isfinite\(x\)"
    ):
        getattr(model, method)(x, Y, **options)
    assert same(before, model.get_weights())  # one bad batch does not spoil the weights
    model.fit(X, Y, verbose=0)
    assert np.isfinite(model.parameters).all()


def test_train_on_batch_diverges():
    model = Sequential([layers.Input((4,)), layers.Dense(1)])
    model.compile(optimizers.SGD(1e30), "mse")
    with pytest.raises(DivergenceError, match="try 1e\\+29"):  # noqa: PT012 (which call raises is not the point)
        for _ in range(5):
            model.train_on_batch(X, np.ones(10))


def test_evaluate_of_spoilt_weights_says_nan():
    model = network()
    model(X)
    model.parameters[...] = 3e38
    assert not np.isfinite(model.evaluate(X, Y, verbose=0)[0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("loss", "last", "y"), [("categorical_crossentropy", "softmax", Y), ("binary_crossentropy", "sigmoid", Y)]
)
def test_sure_and_wrong_is_finite(dtype, loss, last, y):
    # Scores of ±1e4: a logarithm of a rounded probability would be -inf.
    model = Sequential([layers.Dense(3, activation=last, kernel_initializer="ones", bias_initializer="zeros")])
    model.compile(optimizers.SGD(0.1), loss)
    model.build((None, 4), dtype)
    x = np.full((10, 4), -2500, dtype)
    model.layers[0].params["W"][:, 0] = -1
    assert np.isfinite(model.train_on_batch(x, y))
    assert np.isfinite(model.parameters).all()
    assert model.gradients.any()


# ── weights, files ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_weights_are_copied_both_ways():
    model, other = network(), network()
    weights = model.get_weights()
    other.set_weights(weights)
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    weights[0][...] = 9
    other.get_weights()[0][...] = 9
    assert same(other.get_weights(), model.get_weights())
    windows(other)


def wrong_weights(good):
    yield good[:3], r"expected 4 weight arrays \(0.dense.W, 0.dense.b, .*\), but got 3"
    yield [*good[:3], good[2]], r"1.dense_1.b have shape \(3,\), but the array given has \(5, 3\)"
    yield [good[0].T, *good[1:]], r"0.dense.W have shape \(4, 5\), but the array given has \(5, 4\)"
    yield [*good[:3], np.array(["a", "b", "c"])], "1.dense_1.b are numbers, but the array given has <U1"


@pytest.mark.parametrize(("weights", "message"), list(wrong_weights(network().get_weights())))
def test_set_weights_changes_all_or_nothing(weights, message):
    model = network(kernel_initializer="ones")
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        model.set_weights(weights)
    assert same(before, model.get_weights())


@pytest.mark.parametrize(("name", "file"), [("w.npz", "w.npz"), ("w", "w.npz"), ("w.weights", "w.weights.npz")])
@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_save_and_load(tmp_path, name, file, kind):
    model, other = network(), network()
    assert model.save_weights(kind(tmp_path / name)) == str(tmp_path / file)
    assert [f.name for f in tmp_path.iterdir()] == [file]
    assert not same(model.get_weights(), other.get_weights())
    other.load_weights(kind(tmp_path / name))
    assert same(model.get_weights(), other.get_weights())
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    windows(other)


def test_save_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert network().save_weights("w") == "w.npz"
    assert os.listdir() == ["w.npz"]


@pytest.mark.parametrize("where", ["savez", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failed_save_leaves_the_old_file_whole(tmp_path, monkeypatch, where, error):
    model = network()
    path = tmp_path / "w.npz"
    model.save_weights(path)
    old = path.read_bytes()

    def fail(*arguments, **more):
        if where == "savez":
            arguments[0].write(b"half of it")
        raise error

    monkeypatch.setattr(np if where == "savez" else os, where, fail)
    model.parameters += 1
    with pytest.raises(type(error)):
        model.save_weights(path)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["w.npz"]  # no temporary file either


def test_the_old_file_stays_until_the_new_one_is_complete(tmp_path, monkeypatch):
    model, path, seen, savez = network(), tmp_path / "w.npz", [], np.savez
    model.save_weights(path)
    old = path.read_bytes()

    def watch(file, **arrays):
        savez(file, **arrays)
        seen.append(path.read_bytes())

    monkeypatch.setattr(np, "savez", watch)
    model.parameters += 1
    model.save_weights(path)
    assert seen == [old]
    assert path.read_bytes() != old


def savez(path, *arrays, **named):
    with open(path, "wb") as file:
        np.savez(file, *arrays, **named)


def break_zip(path):
    savez(path, *network().get_weights())
    raw = bytearray(path.read_bytes())
    raw[200] ^= 0xFF  # a number in the first array: the zip's checksum no longer fits
    path.write_bytes(raw)


def cut(path):
    savez(path, *network().get_weights())
    path.write_bytes(path.read_bytes()[:-40])


def plain_array(path):
    with open(path, "wb") as file:
        np.save(file, np.ones(3))


def other_zip(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", "no arrays here")


W = network().get_weights()
OBJECTS = np.array([{"a": 1}, [2], 3], dtype=object)
EXPECTED = "expected an .npz file written by save_weights, found"
NOT_WEIGHTS = {
    "empty": (lambda path: path.write_bytes(b""), EXPECTED),
    "text": (lambda path: path.write_text("not weights"), EXPECTED),
    "pickle": (lambda path: path.write_bytes(pickle.dumps(W)), EXPECTED),
    "pickled npz": (lambda path: savez(path, *W[:3], OBJECTS), f"{EXPECTED} Object arrays"),
    "broken": (break_zip, EXPECTED),
    "cut short": (cut, EXPECTED),
    "plain npy": (plain_array, EXPECTED),
    "other zip": (other_zip, "does not fit this model|" + EXPECTED),
    "folder": (lambda path: path.mkdir(), EXPECTED),
    "fewer": (lambda path: savez(path, *W[:2]), r"does not fit this model: expected 4 weight arrays .* but got 2"),
    "shapes": (lambda path: savez(path, W[0].T, *W[1:]), r"does not fit .*W have shape \(4, 5\), .* has \(5, 4\)"),
    "last shape": (lambda path: savez(path, *W[:3], np.ones(4)), r"does not fit .*b have shape \(3,\), .* has \(4,\)"),
    "text arrays": (
        lambda path: savez(path, *W[:3], np.array(["a", "b", "c"])),
        "does not fit .* are numbers, .* has <U1",
    ),
}


@pytest.mark.parametrize("case", NOT_WEIGHTS)
def test_load_refuses_anything_else(tmp_path, case):
    make, message = NOT_WEIGHTS[case]
    make(tmp_path / "w.npz")
    model = network()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message) as caught:
        model.load_weights(tmp_path / "w")
    assert str(caught.value).startswith(str(tmp_path / "w.npz"))
    assert same(before, model.get_weights())


def test_a_broken_file_is_closed_again(tmp_path):
    # np.load(path) leaves it open when the zip is cut short, and Windows would then refuse to replace it.
    cut(tmp_path / "w.npz")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match=EXPECTED):
            network().load_weights(tmp_path / "w")
        gc.collect()
    assert [w.category for w in seen] == []


def test_load_of_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.npz"):
        network().load_weights(tmp_path / "nowhere")


# ── summary ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TABLE = """\
Model: "sequential"
──────────────────────────────────────────
Layer (type)        Output Shape   Param #
──────────────────────────────────────────
flatten (Flatten)   (None, 784)          0
dense (Dense)       (None, 512)    401,920
dense_1 (Dense)     (None, 10)       5,130
──────────────────────────────────────────
Total params: 407,050
"""


def test_summary(capsys):
    model = Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(512), layers.Dense(10)])
    model.summary()  # a declared input is enough, as in Keras
    assert capsys.readouterr().out == TABLE
    seen = []
    model.summary(print_fn=seen.append)
    assert "\n".join(seen) + "\n" == TABLE
    assert capsys.readouterr().out == ""


def test_summary_before_the_shape_is_known(capsys):
    Sequential([layers.Dense(5)]).summary()
    assert "dense (Dense)   ?              0 (unbuilt)\n" in capsys.readouterr().out
    Sequential().summary()
    assert "Total params: 0" in capsys.readouterr().out


def test_divergence_is_an_arithmetic_error():
    assert issubclass(models.DivergenceError, ArithmeticError)
