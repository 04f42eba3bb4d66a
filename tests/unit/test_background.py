"""Training in the background: the same result as `fit`, and every rein works."""

import threading
import time

import numpy as np
import pytest

from helpers import layers, models, optimizers
from helpers.background import BackgroundTraining
from helpers.utils import own_random_seed, random_generator, set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1000, 6)).astype("float32")
Y = np.eye(3, dtype="float32")[np.argmax(X[:, :3], axis=1)]


def network(rate=0.01):
    model = models.Sequential([layers.Dense(8, activation="relu"), layers.Dense(3, activation="softmax")])
    model.compile(optimizers.SGD(rate, momentum=0.5), "categorical_crossentropy", ["accuracy"])
    return model


def run(**options):
    options = {"batch_size": 32, "epochs": 3, "seed": 7} | options
    return BackgroundTraining(network, X, Y, **options)


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)


def test_the_result_is_that_of_fit():
    training = run(validation_data=(X[:100], Y[:100]))
    training.start()
    training.thread.join(20)
    set_random_seed(7)
    plain = network()
    history = plain.fit(X, Y, batch_size=32, epochs=3, validation_data=(X[:100], Y[:100]), verbose=0).history
    for ours, theirs in zip(training.network.get_weights(), plain.get_weights()):
        np.testing.assert_array_equal(ours, theirs)
    assert training.status == "done"
    assert training.updates == 3 * 32
    assert [value for _, value in training.curves["val_loss"]] == history["val_loss"]


def test_points_of_a_curve_are_means_since_the_last_point():
    training = run(epochs=1)
    seen = []
    original = training.on_train_batch_end
    training.on_train_batch_end = lambda batch, logs: (seen.append(logs["loss"] * (batch + 1)), original(batch, logs))
    training.start()
    training.thread.join(20)
    totals = np.array([0.0, *seen])
    updates = np.array([0, *(at for at, _ in training.curves["loss"])])
    assert list(updates) == [0, 10, 20, 30, 32]
    means = np.diff(totals[updates]) / np.diff(updates)
    np.testing.assert_allclose([value for _, value in training.curves["loss"]], means)


def test_other_threads_random_numbers_are_left_alone():
    set_random_seed(3)
    expected = random_generator().random(4)
    set_random_seed(3)
    training = run()
    training.start()
    training.thread.join(20)
    np.testing.assert_array_equal(random_generator().random(4), expected)


def test_own_random_seed_ends_with_its_block():
    before = random_generator()
    with own_random_seed(1):
        assert random_generator().random() == np.random.default_rng(1).random()
    assert random_generator() is before


def test_pause_step_resume():
    training = run(epochs=50)
    training.start(paused=True)
    wait_for(lambda: training.status == "paused")
    assert training.updates == 0
    for n in (1, 2):
        training.step()
        wait_for(lambda n=n: training.updates == n and training.status == "paused")
    training.step(5)
    wait_for(lambda: training.updates == 7 and training.status == "paused")
    weights = training.network.get_weights()
    time.sleep(0.05)
    assert training.updates == 7
    assert all(map(np.array_equal, weights, training.network.get_weights()))
    training.resume()
    training.thread.join(30)
    assert (training.status, training.updates) == ("done", 50 * 32)


@pytest.mark.parametrize("paused", [True, False])
def test_stop_leaves_a_usable_network(paused):
    training = run(epochs=10**6)
    training.start(paused)
    wait_for(lambda: training.status == ("paused" if paused else "running") and training.network is not None)
    if not paused:
        wait_for(lambda: training.updates > 3)
    training.stop()
    assert not training.thread.is_alive()
    assert training.status == "stopped"
    assert np.isfinite(training.network.predict(X[:5])).all()
    if not paused:
        training.network.fit(X, Y, verbose=0)  # and may be trained on


def test_stopped_before_it_began():
    training = run()
    training.stop()
    assert training.status == "stopped"


@pytest.mark.parametrize(
    ("rate", "options", "status", "said"),
    [(1e30, {"batch_size": 32}, "diverged", "learning rate"), (0.01, {"batch_size": 0}, "failed", "batch_size")],
)
def test_what_went_wrong_is_told(rate, options, status, said):
    training = BackgroundTraining(lambda: network(rate), X, Y, **options)
    training.start()
    training.thread.join(20)
    assert training.status == status
    assert said in training.message


def test_a_knob_turned_counts_from_the_next_batch_on():
    training = run(epochs=1)
    training.start(paused=True)
    training.step(3)
    wait_for(lambda: training.updates == 3 and training.status == "paused")
    weights = training.network.get_weights()
    training.network.optimizer.learning_rate = training.network.optimizer.momentum = 0.0
    training.resume()
    training.thread.join(20)
    assert all(map(np.array_equal, weights, training.network.get_weights()))


def test_news_are_told_but_not_too_often():
    told = []
    training = run(epochs=20, on_change=lambda: told.append(time.monotonic()))
    start = time.monotonic()
    training.start()
    training.thread.join(60)
    most = 3 + (time.monotonic() - start) * training.updates_a_second
    assert 2 <= len(told) <= most + 1


def test_fifty_runs_leave_no_thread():
    before = threading.active_count()
    for _ in range(50):
        training = run(epochs=10**6)
        training.start()
        training.stop()
    assert threading.active_count() == before
