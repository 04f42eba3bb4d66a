"""The paper ball: a small network uncrumples two sheets until a straight line parts them; a line alone cannot."""

import numpy as np
import pytest

from helpers import layers, models, optimizers
from helpers.datasets import samples
from helpers.utils import set_random_seed

DATA = {"spirals": samples.spirals(), "sheets": samples.paper_sheets()}


def train(x, y, seed, hidden):
    """The notebook's network, or with other hidden layers, after training."""
    set_random_seed(seed)
    network = models.Sequential([*hidden, layers.Dense(2, activation="softmax")])
    network.compile(optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(x, y, batch_size=100, epochs=400, verbose=0)
    return network


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("data", DATA)
def test_the_network_uncrumples(data, seed):
    x, y = DATA[data]
    hidden = [
        layers.Dense(32, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(2, activation="tanh"),
    ]
    network = train(x, y, seed, hidden)
    assert network.evaluate(x, y, verbose=0)[1] >= 0.99
    plane = network.activations(x)[-2]
    assert plane.shape == (len(x), 2)
    # Two clouds: their middles are much further from one another than the points are from the middle of their own.
    zero, one = plane[y == 0], plane[y == 1]
    spread = np.mean([np.linalg.norm(cloud - cloud.mean(axis=0), axis=1).mean() for cloud in (zero, one)])
    assert np.linalg.norm(zero.mean(axis=0) - one.mean(axis=0)) > 3 * spread


@pytest.mark.parametrize("data", DATA)
def test_a_straight_cut_through_the_crumpled_data_does_not_part_them(data):
    x, y = DATA[data]
    assert 0.5 < train(x, y, 0, hidden=[]).evaluate(x, y, verbose=0)[1] <= 0.75
