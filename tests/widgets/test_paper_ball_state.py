"""The paper ball's state: what is seen is what the network says."""

import json

import numpy as np
import pytest

from helpers import layers, models
from helpers.callbacks import Snapshots
from helpers.datasets import samples
from helpers.utils import set_random_seed
from helpers.widgets.drawing import pack
from helpers.widgets.paper_ball import PaperBallState, border, paper_ball, view_of
from helpers.widgets.still import still


def trained(x, y, hidden=6, epochs=3):
    set_random_seed(0)
    network = models.Sequential(
        [
            layers.Dense(hidden, activation="relu"),
            layers.Dense(2, activation="tanh"),
            layers.Dense(2, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    snapshots = Snapshots()
    network.fit(x, y, epochs=epochs, verbose=0, callbacks=[snapshots])
    return network, snapshots.weights


@pytest.fixture(params=[samples.spirals, samples.paper_sheets])
def scene(request):
    x, y = request.param(60)
    network, snapshots = trained(x, y)
    return x, y, network, snapshots, PaperBallState(network, snapshots, x, y)


def test_places_are_the_networks_own_numbers(scene):
    """The input and the last stage are drawn as they are: the same distances, but for the size of the picture."""
    x, y, network, snapshots, state = scene
    assert state.places.shape == (4, 3, 60, x.shape[1])
    for i, weights in enumerate(snapshots.values()):
        network.set_weights(weights)
        for stage, numbers in ((0, x), (2, network.activations(x)[1])):
            ours = np.linalg.norm(state.places[i, stage, :, None] - state.places[i, stage], axis=-1)
            theirs = np.linalg.norm(numbers[:, None] - numbers, axis=-1)
            assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] == pytest.approx(1, abs=1e-9)
        assert state.accuracy[i] == pytest.approx(network.evaluate(x, y, verbose=0)[1])


def test_the_border_parts_what_the_network_parts(scene):
    x, y, network, snapshots, state = scene
    for i, weights in enumerate(snapshots.values()):
        network.set_weights(weights)
        answers = network.predict(x).argmax(axis=1)
        (x0, y0), (x1, y1) = (
            np.linalg.lstsq(plane(state), end - middle(state), rcond=None)[0] for end in state.borders[i, -1]
        )
        flat = np.linalg.lstsq(plane(state), (state.places[i, -1] - middle(state)).T, rcond=None)[0]
        side = (x1 - x0) * (flat[1] - y0) - (y1 - y0) * (flat[0] - x0) > 0
        assert len(set(side[answers == 0])) <= 1
        assert len(set(side[answers == 1])) <= 1
        if len(set(answers)) == 2:
            assert side[answers == 0][0] != side[answers == 1][0]
    assert np.isnan(state.borders[:, :-1]).all()


def middle(state):
    return state.places[-1, -1].mean(axis=0)


def plane(state):
    """Two directions, (d, 2), that span the plane in which the last stage lies."""
    return np.linalg.svd(state.places[-1, -1] - middle(state), full_matrices=False)[2][:2].T


def test_the_network_is_left_as_it_was(scene):
    x, y, network, snapshots, _ = scene
    network.set_weights(snapshots[2])
    before = network.get_weights()
    PaperBallState(network, snapshots, x, y)
    assert all(map(np.array_equal, before, network.get_weights()))


def test_a_view_turns_and_scales_but_does_not_bend():
    r = np.random.default_rng(0)
    numbers, before = r.normal(size=(50, 7)), r.normal(size=(50, 2))
    view = view_of(numbers, before)
    np.testing.assert_allclose(view((numbers[:25] + numbers[25:]) / 2), (view(numbers[:25]) + view(numbers[25:])) / 2)
    assert np.quantile(np.linalg.norm(view(numbers), axis=1), 0.99) == pytest.approx(1)


def test_a_view_is_turned_towards_the_stage_before():
    r = np.random.default_rng(1)
    before = r.normal(size=(50, 2)) * [1, 3]
    angle = 2.0
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    seen = view_of(before @ turn, before)(before @ turn)
    centred = before - before.mean(axis=0)
    np.testing.assert_allclose(seen / np.linalg.norm(seen), centred / np.linalg.norm(centred), atol=1e-9)


def test_on_the_border_both_classes_are_equally_likely():
    r = np.random.default_rng(2)
    W, b = r.normal(size=(2, 2)), r.normal(size=2)
    for share in (0.3, 0.5, 0.8):
        ends = border(W, b)
        z = (ends[0] + share * (ends[1] - ends[0])) @ W + b
        assert z[0] == pytest.approx(z[1])


def test_players_and_still_view(scene):
    *_, state = scene
    view = state.view()
    frames = {control["name"]: control["frames"] for control in view["controls"]}
    assert (frames["time"], frames["layer"]) == (4, 3)
    assert ("turn" in frames) == (state.places.shape[-1] == 3)
    json.dumps(pack(view), allow_nan=False)
    assert "<img alt=" in still(view)


def test_networks_that_cannot_be_drawn_are_refused():
    x, y = samples.spirals(20)
    network = models.Sequential([layers.Dense(3, activation="relu"), layers.Dense(2, activation="softmax")])
    network.build((20, 2))
    with pytest.raises(ValueError, match="2 units"):
        paper_ball(network, {0: network.get_weights()}, x, y)
