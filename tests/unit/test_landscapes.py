"""The landscapes: each gradient against differences, each minimum against its surroundings, each walk against a loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.gradients import numerical_gradient
from helpers.landscapes import CURVES, FAR, SURFACES, descend
from helpers.optimizers import SGD, Adagrad, Adam, RMSprop
from helpers.widgets.rolling import RollingState

LANDSCAPES = [*CURVES.values(), *SURFACES.values()]
each_landscape = pytest.mark.parametrize("landscape", LANDSCAPES, ids=lambda land: f"{len(land.start)}d {land.name}")
fractions = st.tuples(*[st.floats(0, 1)] * 2)


def edges(landscape):
    """The low and the high ends of each axis; a curve's box also says the range of heights, which is left out."""
    return np.array(landscape.box[: len(landscape.start)], float).T


def differences(landscape, place):
    w = np.array(place, float)
    return numerical_gradient(lambda: landscape.f(w), w)


@each_landscape
@settings(max_examples=200, deadline=None)
@given(fractions)
def test_the_gradient_is_that_of_the_function(landscape, fraction):
    low, high = edges(landscape)
    place = low + (high - low) * fraction[: len(low)]
    expected = differences(landscape, place)
    assert landscape.gradient(place) == pytest.approx(expected, rel=1e-6, abs=1e-7)


@each_landscape
@pytest.mark.parametrize("batch", [(), (1,), (5,), (4, 3), (0,)])
def test_batches_of_places(landscape, batch):
    low, high = edges(landscape)
    places = np.random.default_rng(0).uniform(low, high, (*batch, len(low)))
    heights, gradients = landscape.f(places), landscape.gradient(places)
    assert np.shape(heights) == batch
    assert gradients.shape == places.shape
    for index in np.ndindex(batch):
        assert heights[index] == pytest.approx(landscape.f(places[index]), rel=1e-14)
        assert gradients[index] == pytest.approx(landscape.gradient(places[index]), rel=1e-14)


@each_landscape
def test_each_minimum_is_one(landscape):
    for minimum in landscape.minima:
        assert landscape.gradient(np.array(minimum)) == pytest.approx(0, abs=1e-12)
        h = 1e-4
        columns = [
            (differences(landscape, minimum + h * unit) - differences(landscape, minimum - h * unit)) / (2 * h)
            for unit in np.eye(len(minimum))
        ]
        assert (np.linalg.eigvalsh(columns) > 0.001).all(), "the ground does not rise on all sides"


@each_landscape
def test_the_global_minimum_comes_first(landscape):
    low, high = edges(landscape)
    minima = np.array(landscape.minima, float)
    assert ((low < minima) & (minima < high)).all()
    heights = landscape.f(minima)
    assert heights[0] <= heights.min() + 1e-12
    axes = [np.linspace(*ends, 301) for ends in zip(low, high)]
    everywhere = landscape.f(np.stack(np.meshgrid(*axes), axis=-1))
    assert heights[0] <= everywhere.min() + 1e-12


@each_landscape
def test_every_minimum_is_listed_and_all_ground_leads_to_one(landscape):
    w = np.random.default_rng(1).uniform(*edges(landscape), (200, len(landscape.start)))
    v = 0.0
    for _ in range(12_000):
        v = 0.95 * v - 0.01 * landscape.gradient(w)
        w = w + v
    distances = np.linalg.norm(w[:, None] - np.array(landscape.minima), axis=-1)
    assert (distances.min(axis=1) < 1e-3).all()
    assert set(distances.argmin(axis=1)) == set(range(len(landscape.minima)))


@each_landscape
def test_the_start_is_inside_the_box(landscape):
    low, high = edges(landscape)
    assert ((low <= landscape.start) & (landscape.start <= high)).all()
    assert not (np.linalg.norm(np.array(landscape.minima) - landscape.start, axis=1) < 0.5).any()


@pytest.mark.parametrize("landscape", CURVES.values(), ids=lambda curve: curve.name)
def test_a_curves_box_holds_its_valleys_and_its_start(landscape):
    low, high = landscape.box[1]
    for place in (landscape.start, *landscape.minima):
        assert low < landscape.f(np.array(place)) < high


def test_the_saddle_point_is_level_but_no_minimum():
    middle = np.zeros(2)
    saddle = SURFACES["saddle"]
    assert not saddle.gradient(middle).any()
    assert saddle.f(np.array([0, 0.1])) < saddle.f(middle) < saddle.f(np.array([0.1, 0]))


# ── walking ──


@each_landscape
@pytest.mark.parametrize("momentum", [0, 0.5, 0.9])
def test_descend_is_the_loop_of_the_lesson(landscape, momentum):
    path = descend(landscape, SGD(0.01, momentum=momentum), steps=80)
    w, v = np.array(landscape.start, float), 0.0
    assert path.shape == (81, len(w))
    assert path.dtype == np.float64
    for row in path:
        assert row == pytest.approx(w, rel=0, abs=1e-12)
        v = momentum * v - 0.01 * landscape.gradient(w)
        w = w + v


@pytest.mark.parametrize("kind", [SGD, Adagrad, RMSprop, Adam])
def test_descend_uses_the_optimizer_it_is_given(kind):
    optimizer = kind(0.03)
    path = descend(SURFACES["saddle"], optimizer, (1.0, 0.5), steps=17)
    assert optimizer.iterations == 17
    again, w = kind(0.03), np.array([1.0, 0.5])
    for row in path:
        assert row.tolist() == w.tolist()
        again.apply([SURFACES["saddle"].gradient(w)], [w])


def test_descend_starts_where_it_is_told_and_leaves_that_alone():
    start = np.array([1.5, -0.5])
    path = descend(SURFACES["long valley"], SGD(0.1), start, steps=5)
    assert path[0].tolist() == start.tolist() == [1.5, -0.5]
    assert path[1] == pytest.approx([1.5 * 0.99, -0.5 * 0.8], abs=1e-12)
    assert descend(SURFACES["long valley"], SGD(0.1), (1, 2), steps=0).tolist() == [[1.0, 2.0]]
    assert descend(SURFACES["saddle"], SGD(0.1), steps=1)[0] == pytest.approx(SURFACES["saddle"].start)


def test_who_leaves_the_map_is_followed_no_longer():
    optimizer = SGD(1.5)  # w ← -2·w: 2.5 · 2⁹ is beyond the map
    path = descend(CURVES["one valley"], optimizer, (2.5,), steps=20)[:, 0]
    assert path[:9] == pytest.approx(2.5 * (-2.0) ** np.arange(9))
    assert np.isnan(path[9:]).all()
    assert np.nanmax(abs(path)) < FAR
    assert optimizer.iterations == 9


def test_momentum_reaches_the_global_minimum_where_plain_sgd_stays_in_the_local_one():
    """With the explorer's default settings, as the lesson says."""
    curve, state = CURVES["local and global minimum"], RollingState()
    (deep,), (shallow,) = curve.minima
    assert curve.f(np.array([deep])) < curve.f(np.array([shallow])) - 0.5
    assert state.momentum == 0.9
    for steps in (150, 1000):
        plain = descend(curve, SGD(state.rate), state.start, steps)
        heavy = descend(curve, SGD(state.rate, momentum=0.9), state.start, steps)
        assert plain[-1, 0] == pytest.approx(shallow, abs=0.02)
        assert heavy[-1, 0] == pytest.approx(deep, abs=0.02)
    assert plain[-1, 0] == pytest.approx(shallow, abs=1e-9)
    assert heavy[-1, 0] == pytest.approx(deep, abs=1e-9)
