"""Gradient descent on several workers takes the very steps that one machine takes."""

import os
import signal

import distributed
import numpy as np
import pytest

from helpers import layers, models
from helpers.cluster import local_client
from helpers.data_parallel import DataParallel, Shard
from helpers.datasets import mnist
from helpers.models import DivergenceError
from helpers.utils import set_random_seed, to_categorical


def network(dtype="float64", inputs=2, hidden=8, outputs=4, optimizer="rmsprop"):
    set_random_seed(5)
    model = models.Sequential([layers.Input((inputs,), dtype), layers.Dense(hidden, activation="relu")])
    model.add(layers.Dense(outputs, activation="softmax"))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build()
    return model


def test_the_sum_of_the_shards_is_the_gradient_of_the_batch(data):
    """Shards of different sizes, so a plain mean of their gradients would be wrong."""
    (x, y), _ = data
    model = network()
    loss = model.gradient_on_batch(x[:30], y[:30])
    whole = model.gradients.copy()
    parts = [
        Shard(network(), (x, y)).gradient(model.parameters, np.arange(*ends)) for ends in ((0, 5), (5, 11), (11, 30))
    ]
    np.testing.assert_allclose(sum(gradient for gradient, _ in parts) / 30, whole, rtol=1e-12, atol=1e-15)
    assert sum(part for _, part in parts) / 30 == pytest.approx(loss, rel=1e-12)
    means = [gradient / n for (gradient, _), n in zip(parts, (5, 6, 19))]
    assert np.abs(sum(means) / 3 - whole).max() > 1e-3


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("workers", [1, 2, None])
def test_several_epochs_end_at_the_weights_of_fit(client, data, workers, optimizer):
    (x, y), _ = data
    alone, together = network(optimizer=optimizer), network(optimizer=optimizer)
    set_random_seed(0)
    history = alone.fit(x, y, batch_size=32, epochs=3, verbose=0).history
    set_random_seed(0)
    losses = DataParallel(together, x, y, client, workers).fit(batch_size=32, epochs=3)
    np.testing.assert_allclose(together.parameters, alone.parameters, rtol=0, atol=1e-10)
    np.testing.assert_allclose(losses, history["loss"], rtol=1e-10)
    assert together.evaluate(x, y, verbose=0)[1] == alone.evaluate(x, y, verbose=0)[1]


def test_an_epoch_of_mnist_ends_at_the_weights_of_fit(client):
    """784-32-10 on 60 000 pictures: 469 updates, the weights equal to 1e-5."""
    (x, y), _ = mnist.load_data()
    x = x.reshape(-1, 784) / 255
    alone, together = (network(inputs=784, hidden=32, outputs=10) for _ in range(2))
    set_random_seed(1)
    alone.fit(x, y, batch_size=128, verbose=0)
    set_random_seed(1)
    DataParallel(together, x, y, client).fit(batch_size=128)
    np.testing.assert_allclose(together.parameters, alone.parameters, rtol=0, atol=1e-5)


def test_each_sample_goes_to_one_worker_only(client, data, monkeypatch):
    (x, y), _ = data
    sent, scatter = [], client.scatter
    monkeypatch.setattr(client, "scatter", lambda parts, **options: sent.extend(parts) or scatter(parts, **options))
    DataParallel(network(), x, y, client)
    assert [len(part) for part, _ in sent] == [250, 250]
    np.testing.assert_array_equal(np.unique(np.concatenate([part for part, _ in sent]), axis=0), np.unique(x, axis=0))


def test_a_batch_that_lies_on_one_worker_is_no_problem(client, data):
    (x, y), _ = data
    alone, together = network(), network()
    loss = alone.train_on_batch(x[[0, 2, 4]], y[[0, 2, 4]])
    assert DataParallel(together, x, y, client, 2).step([0, 2, 4]) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(together.parameters, alone.parameters, rtol=0, atol=1e-12)


def test_one_hot_labels_do_as_well(client, data):
    (x, y), _ = data
    alone, together = network(), network()
    for model in (alone, together):
        model.compile("sgd", "categorical_crossentropy")
    set_random_seed(0)
    alone.fit(x, to_categorical(y), verbose=0)
    set_random_seed(0)
    DataParallel(together, x, to_categorical(y), client).fit(32)
    np.testing.assert_allclose(together.parameters, alone.parameters, rtol=0, atol=1e-12)


def test_what_does_not_fit_is_said_before_it_is_sent(client, data):
    (x, y), _ = data
    with pytest.raises(ValueError, match="x has 500 samples, but y has shape"):
        DataParallel(network(), x, y[:400], client)
    with pytest.raises(ValueError, match="compile the model first"):
        DataParallel(models.Sequential([layers.Dense(4)]), x, y, client)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda it: it.step([]), "chosen must be the numbers of some samples, such as"),
        (lambda it: it.step([0.5]), "chosen must be the numbers"),
        (lambda it: it.step([0, 500]), "there are samples 0 … 499, but 0 … 500 are chosen"),
        (lambda it: it.step([-1]), "there are samples 0 … 499, but -1 … -1"),
        (lambda it: it.fit(batch_size=0), "batch_size must be a whole number ≥ 1, but got 0"),
        (lambda it: it.fit(epochs=-1), "epochs must be a whole number ≥ 1"),
        (lambda it: DataParallel(it.model, *it.data, it.client, 0), "workers must be a whole number ≥ 1"),
        (lambda it: DataParallel(it.model, *it.data, it.client, 9), "the client has 2 workers, fewer than 9"),
    ],
)
def test_bad_input_is_said_and_the_weights_stay(client, data, wrong, message):
    it = DataParallel(network(), *data[0], client)
    it.data, it.client = data[0], client
    before = it.model.parameters.copy()
    with pytest.raises(ValueError, match=message):
        wrong(it)
    np.testing.assert_array_equal(it.model.parameters, before)


def test_a_client_is_needed(data):
    with pytest.raises(TypeError, match="client must be a dask.distributed.Client, but got None"):
        DataParallel(network(), *data[0], None)


def test_a_shard_has_a_network_of_its_own(data):
    """Workers may be threads of one process, where nothing is copied on the way."""
    model = network()
    shard = Shard(model, data[0])
    shard.gradient(model.parameters + 1, np.arange(8))
    np.testing.assert_array_equal(model.parameters, network().parameters)


def test_a_loss_that_is_not_finite_is_said_and_the_weights_stay(client, data):
    (x, y), _ = data
    x = x.copy()
    x[7] = np.nan
    model = network()
    before = model.parameters.copy()
    with pytest.raises(DivergenceError, match="x holds nan or inf"):
        DataParallel(model, x, y, client).step([6, 7, 8])
    np.testing.assert_array_equal(model.parameters, before)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_lost_worker_is_said_and_training_can_go_on(data):
    (x, y), _ = data
    model = network()
    with local_client(2) as own:
        parallel = DataParallel(model, x, y, own)
        parallel.step(np.arange(32))
        reached = model.parameters.copy()
        os.kill(next(iter(own.run(os.getpid).values())), signal.SIGKILL)
        with pytest.raises(RuntimeError, match="a worker was lost.*make a new DataParallel of it and go on"):
            parallel.fit(batch_size=32, epochs=10)
        own.restart()
        DataParallel(model, x, y, own).step(np.arange(32))
    assert np.isfinite(model.parameters).all()
    assert not np.array_equal(model.parameters, reached)


@pytest.fixture
def patience():
    """After a minute an error, for what would wait for ever."""

    def give_up(*_):
        raise TimeoutError

    former = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, former)


@pytest.mark.skipif(os.name == "nt", reason="SIGALRM")
@pytest.mark.parametrize("direct", [True, False])
def test_another_client_that_comes_and_goes_does_not_matter(client, data, direct, patience):
    (x, y), _ = data
    alone, first, second = network(), network(), network()
    set_random_seed(0)
    alone.fit(x, y, batch_size=32, verbose=0)
    with distributed.Client(client.scheduler.address, direct_to_workers=direct) as own:
        with distributed.Client(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as later:
            parallel = DataParallel(first, x, y, own)
            set_random_seed(0)
            DataParallel(second, x, y, later).fit(batch_size=32)
        set_random_seed(0)
        parallel.fit(batch_size=32)
    np.testing.assert_allclose(first.parameters, alone.parameters, rtol=0, atol=1e-10)
    np.testing.assert_allclose(second.parameters, alone.parameters, rtol=0, atol=1e-10)
