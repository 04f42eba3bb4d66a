"""The made-up sample tensors and data sets: shapes, limits, and what their docstrings promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.datasets import samples

SEEDS = st.integers(0, 2**32 - 1)
COUNTS = st.integers(1, 6)
SIDES = st.integers(8, 40)


@given(COUNTS, st.integers(1, 300), SEEDS)
def test_stock_prices(days, minutes, seed):
    prices = samples.stock_prices(days, minutes, seed)
    assert prices.shape == (days, minutes, 3)
    assert prices.dtype == np.float64
    highest, lowest, now = np.moveaxis(prices, -1, 0)
    assert (lowest > 0).all()
    assert ((lowest <= now) & (now <= highest)).all()
    for day in range(days):
        for minute in (0, minutes // 2, minutes - 1):
            so_far = now[day, : minute + 1]
            assert highest[day, minute] == so_far.max()
            assert lowest[day, minute] == so_far.min()


@given(SEEDS)
@settings(max_examples=20)
def test_stock_prices_walk_on_from_day_to_day(seed):
    prices = samples.stock_prices(3, 1440, seed)
    now = prices[:, :, 2].ravel()
    changes = abs(np.diff(np.log(now)))
    assert changes.max() < 0.005  # no minute, midnight neither, changes the price by more than half a per cent
    assert changes.max() > 0  # but it does move
    np.testing.assert_array_equal(prices, prices.round(2))  # whole cents


def test_stock_prices_stay_positive_in_a_long_crash(monkeypatch):
    class Falling:
        def normal(self, mean, deviation, shape):
            return np.full(shape, -0.1)

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Falling())
    assert samples.stock_prices(2, 1440).min() == 0.01


@given(st.integers(1, 200), SEEDS)
def test_people(n, seed):
    x = samples.people(n, seed)
    assert x.shape == (n, 3)
    assert x.dtype == np.float64
    age, height, weight = x.T
    assert ((age >= 18) & (age <= 80) & (age == age.round())).all()
    assert ((height >= 145) & (height <= 205) & (height == height.round())).all()
    bmi = weight / (height / 100) ** 2
    assert ((bmi >= 17.9) & (bmi <= 36.1)).all()


@given(SEEDS)
@settings(max_examples=10)
def test_tall_people_are_heavier_on_average_and_old_ones_a_little(seed):
    table = np.corrcoef(samples.people(5000, seed), rowvar=False)
    assert 0.4 < table[1, 2] < 0.9  # height and weight
    assert 0.1 < table[0, 2] < 0.5  # age and weight
    assert abs(table[0, 1]) < 0.1  # age and height


@given(COUNTS, SIDES, SIDES, SEEDS)
def test_colour_images(n, height, width, seed):
    images = samples.colour_images(n, height, width, seed)
    assert images.shape == (n, height, width, 3)
    assert images.dtype == np.uint8
    for image in images:
        colours = np.unique(image.reshape(-1, 3), axis=0)
        assert len(colours) == 2  # paper and one colour
        assert (colours == samples.PAPER).all(axis=1).sum() == 1
        share = (image != samples.PAPER).any(axis=-1).mean()
        assert 0.02 < share < 0.7


@given(COUNTS, st.integers(1, 60), SIDES, SIDES, SEEDS)
def test_video(n, frames, height, width, seed):
    films = samples.video(n, frames, height, width, seed)
    assert films.shape == (n, frames, height, width, 3)
    assert films.dtype == np.uint8
    radius = max(2, min(height, width) // 6)
    for film in films:
        ball = (film != samples.PAPER).any(axis=-1)
        for line, length in ((ball.any(axis=2), height), (ball.any(axis=1), width)):
            first, last = line.argmax(axis=1), length - 1 - line[:, ::-1].argmax(axis=1)
            assert line.any(axis=1).all()  # never gone …
            assert (last - first >= 2 * radius - 2).all()  # … nor cut off at an edge
            assert (abs(np.diff((first + last) / 2)) <= length / 12 + 1).all()  # and never jumps


def test_the_ball_bounces():
    path = samples._bounce(np.random.default_rng(0), 200, 5, 32)
    directions = np.sign(np.diff(path))
    assert {-1, 1} <= set(directions)
    assert path.min() >= 5
    assert path.max() <= 32 - 1 - 5


def distance_between_classes(x, y):
    """The smallest distance of a point of class 0 from one of class 1."""
    return np.sqrt(np.sum((x[y == 0, None] - x[y == 1]) ** 2, axis=-1).min())


@pytest.mark.parametrize(("make", "axes"), [(samples.spirals, 2), (samples.paper_sheets, 3)])
@given(n=st.integers(2, 500), seed=SEEDS)
def test_two_classes(make, axes, n, seed):
    x, y = make(n, seed=seed)
    assert (x.shape, y.shape) == ((n, axes), (n,))
    assert (x.dtype, y.dtype) == (np.float64, np.int64)
    np.testing.assert_array_equal(y, np.resize([0, 1], n))  # half of the points each
    assert abs(x).max() <= 1


@given(st.floats(0.25, 4), st.floats(0, 0.2), SEEDS)
@settings(max_examples=30)
def test_spirals_of_any_kind_fit(turns, noise, seed):
    x, _ = samples.spirals(1000, turns, noise, seed)
    assert 0.6 < abs(x).max() <= 1


@given(SEEDS)
@settings(max_examples=20)
def test_the_spirals_do_not_touch(seed):
    assert distance_between_classes(*samples.spirals(seed=seed)) > 0.13
    assert distance_between_classes(*samples.spirals(noise=0, seed=seed)) > 0.19


def test_the_spirals_wind_as_often_as_asked():
    for turns in (0.5, 1, 2.75):
        x, y = samples.spirals(4000, turns, noise=0)
        for spiral in (x[y == 0], x[y == 1]):
            spiral = spiral[np.argsort(np.hypot(*spiral.T))]  # from the inner end to the outer
            angle = np.unwrap(np.arctan2(spiral[:, 1], spiral[:, 0]))
            assert (angle[-1] - angle[0]) / (2 * np.pi) == pytest.approx(turns, rel=0.01)


@given(SEEDS)
@settings(max_examples=30)
def test_the_sheets_do_not_touch(seed):
    x, y = samples.paper_sheets(1000, seed)
    assert distance_between_classes(x, y) > 0.005
    for sheet in (x[y == 0], x[y == 1]):  # crumpled into a ball: long in every direction
        assert np.ptp(sheet, axis=0).min() > 0.8


def test_the_sheets_of_the_notebook_lie_well_apart():
    assert distance_between_classes(*samples.paper_sheets(4000)) > 0.05


def test_the_sheets_are_surfaces():
    # The points near a point lie about in a plane: the third of their singular values is small, the second is not.
    x, y = samples.paper_sheets(8000)
    x = x[y == 0]
    flat = []
    for point in x[:400]:
        near = x[np.argsort(np.sum((x - point) ** 2, axis=1))[:12]]
        extent = np.linalg.svd(near - near.mean(axis=0), compute_uv=False)
        assert extent[1] > 0.2 * extent[0]
        flat.append(extent[2] < 0.2 * extent[1])
    assert np.mean(flat) > 0.7  # the others lie on a crease


def test_more_samples_are_more_points_of_the_same_sheets():
    few, many = samples.paper_sheets(100)[0], samples.paper_sheets(300)[0]
    np.testing.assert_allclose(few, many[:100])


TWO_CLASSES = [lambda seed: samples.spirals(seed=seed)[0], lambda seed: samples.paper_sheets(seed=seed)[0]]
MAKERS = [samples.stock_prices, samples.people, samples.colour_images, samples.video, *TWO_CLASSES]


@pytest.mark.parametrize("make", MAKERS)
@given(seed=SEEDS)
@settings(max_examples=5)
def test_the_seed_decides(make, seed):
    np.testing.assert_array_equal(make(seed=seed), make(seed=seed))
    assert not np.array_equal(make(seed=seed), make(seed=seed + 1))


def test_global_random_state_plays_no_part():
    np.random.seed(1)  # noqa: NPY002
    one = samples.people()
    np.random.seed(2)  # noqa: NPY002
    np.testing.assert_array_equal(one, samples.people())


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (samples.stock_prices, "days"),
        (samples.stock_prices, "minutes"),
        (samples.people, "samples"),
        (samples.colour_images, "samples"),
        (samples.colour_images, "height"),
        (samples.colour_images, "width"),
        (samples.video, "samples"),
        (samples.video, "frames"),
        (samples.video, "height"),
        (samples.video, "width"),
        (samples.spirals, "samples"),
        (samples.paper_sheets, "samples"),
    ],
)
@pytest.mark.parametrize("value", [0, -3, 2.5, "5", None])
def test_impossible_arguments(make, name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number, . or more; got {value!r}"):
        make(**{name: value})


@pytest.mark.parametrize("make", [samples.spirals, samples.paper_sheets])
def test_two_classes_need_two_points(make):
    assert make(2)[1].tolist() == [0, 1]
    with pytest.raises(ValueError, match="samples must be a whole number, 2 or more; got 1"):
        make(1)


@pytest.mark.parametrize(
    ("name", "limits", "values"),
    [
        ("turns", "0.25 to 4", [0, 0.2, 4.5, -1, np.nan, "2", None]),
        ("noise", "0 to 0.2", [-0.01, 0.3, np.nan, "0", None]),
    ],
)
def test_impossible_spirals(name, limits, values):
    for value in values:
        with pytest.raises(ValueError, match=f"{name} must be a number from {limits}; got {value!r}"):
            samples.spirals(**{name: value})


@pytest.mark.parametrize("make", [samples.colour_images, samples.video])
def test_pictures_too_small_to_draw_in(make):
    assert make(height=8, width=8).shape[-3:] == (8, 8, 3)
    with pytest.raises(ValueError, match="width must be a whole number, 8 or more; got 7"):
        make(width=7)


def test_numpy_whole_numbers_are_fine():
    assert samples.people(np.int64(2)).shape == (2, 3)


@pytest.mark.parametrize(
    ("name", "shape", "mean", "pattern"),
    [
        ("people", (6, 3), 95.066667, -11.103),
        ("stock_prices", (5, 1440, 3), 98.04349, -41.458),
        ("colour_images", (4, 32, 32, 3), 201.075684, 201.874),
        ("video", (2, 24, 32, 32, 3), 230.264486, -3997.196),
        ("spirals", (1000, 2), -0.017262, -7.312),
        ("paper_sheets", (1000, 3), -0.055205, 5.903),
    ],
)
def test_the_numbers_stay_the_same(name, shape, mean, pattern):
    """Notebooks print them and readers compare: made another way, they would be other numbers."""
    found = getattr(samples, name)()
    x = (found[0] if isinstance(found, tuple) else found).astype(float)
    assert x.shape == shape
    assert x.mean() == pytest.approx(mean, abs=1e-5)
    assert x.ravel() @ np.cos(np.arange(x.size)) == pytest.approx(pattern, abs=0.01)
