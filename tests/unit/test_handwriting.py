"""Drawings become pictures as MNIST has them: MNIST's own digits, however enlarged and placed, come out as they are."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import layers, models
from helpers.datasets import mnist
from helpers.datasets.handwriting import BOX, MIDDLE, PAD, SIZE, centre_of_mass, like_mnist, rasterize, shares
from helpers.utils import set_random_seed, to_categorical

# places on a grid of 1/128, so that a shifted drawing has exactly the shifted numbers
place = st.integers(16, 64).map(lambda n: n / 128)
drawings = st.lists(st.lists(st.tuples(place, place), min_size=1, max_size=8), min_size=1, max_size=4)
thorough = settings(max_examples=200, deadline=None)


def arc(x, y, width, height, start, end):
    """Points on an ellipse, from one angle to the other, in degrees; 90 is below."""
    angles = np.radians(np.linspace(start, end, 24))
    return [(x + width * np.cos(a), y + height * np.sin(a)) for a in angles]


DIGITS = [  # each as a hand would draw it
    [arc(0.5, 0.5, 0.2, 0.32, -90, 270)],
    [[(0.5, 0.18), (0.5, 0.82)]],
    [[*arc(0.5, 0.35, 0.18, 0.17, -170, 40), (0.3, 0.8), (0.72, 0.8)]],
    [arc(0.47, 0.34, 0.17, 0.16, -150, 90) + arc(0.47, 0.66, 0.2, 0.17, -90, 150)],
    [[(0.35, 0.2), (0.3, 0.52), (0.68, 0.52)], [(0.66, 0.2), (0.64, 0.85)]],
    [[(0.68, 0.2), (0.38, 0.2), (0.35, 0.46), *arc(0.48, 0.62, 0.18, 0.18, -120, 140)]],
    [[(0.6, 0.17), (0.45, 0.32), (0.36, 0.5), *arc(0.5, 0.66, 0.15, 0.16, -180, 180)]],
    [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.82)]],
    [arc(0.5, 0.34, 0.14, 0.15, 90, -270) + arc(0.5, 0.66, 0.17, 0.17, -90, 270)],
    [[*arc(0.48, 0.36, 0.15, 0.16, 0, -360), (0.63, 0.36), (0.6, 0.82)]],
]


def moved(strokes, zoom=1.0, right=0.0, down=0.0):
    return [[((x - 0.5) * zoom + 0.5 + right, (y - 0.5) * zoom + 0.5 + down) for x, y in stroke] for stroke in strokes]


# ── the pen ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_straight_stroke_has_the_pens_width_and_soft_ends():
    ink = rasterize([[(0.25, 0.5), (0.75, 0.5)]], size=100, pen=0.1) / 255
    assert ink.sum(axis=0)[30:70] == pytest.approx(10)  # pixels of ink in each column
    assert ink[45:55, 30:70].min() == 1
    assert ink[:, 19].sum() == 0 < ink[:, 20].sum() < ink[:, 22].sum() < 10  # the round end begins 5 pixels before 25
    assert len(np.unique(ink)) > 5
    assert rasterize([[(0.25, 0.53), (0.75, 0.53)]], size=100, pen=0.105).sum(axis=0)[50] / 255 == pytest.approx(
        10.5, abs=0.01
    )


def test_a_dot_is_round_and_its_area_that_of_a_disc():
    ink = rasterize([[(0.5, 0.5)]], size=100, pen=0.2) / 255
    assert np.array_equal(ink, ink.T)
    assert np.array_equal(ink, ink[::-1])
    assert ink.sum() == pytest.approx(np.pi * 100, rel=0.01)


@thorough
@given(drawings)
def test_crossing_strokes_are_no_darker_and_their_order_says_nothing(strokes):
    ink = rasterize(strokes)
    assert ink.shape == (PAD, PAD)
    assert ink.dtype == np.uint8
    assert np.array_equal(rasterize(strokes[::-1] + strokes), ink)
    assert np.array_equal(rasterize([stroke[::-1] for stroke in strokes]), ink)


def test_what_leaves_the_pad_is_cut_off():
    assert not rasterize([[(-5, -5), (-3, 9)], [(50, 50)]]).any()
    assert np.array_equal(
        rasterize([[(0.5, 0.5), (3, 0.5)]])[:, 60:100], rasterize([[(0.5, 0.5), (1, 0.5)]])[:, 60:100]
    )
    assert not rasterize([]).any()


@pytest.mark.parametrize(
    "wrong", ["abc", [], [1, 2], [[1, 2, 3]], [[1], [1, 2]], [["1", "2"]], [[1j, 0]], [[None, 0]], [[10**400, 0]]]
)
def test_what_is_no_stroke_is_refused(wrong):
    with pytest.raises(ValueError, match="list of points"):
        rasterize([wrong])


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e300, -1e9])
def test_a_place_that_is_nowhere_is_refused(wrong):
    with pytest.raises(ValueError, match="nan, inf or a place far off"):
        rasterize([[(0.5, 0.5), (0.5, wrong)]])


@pytest.mark.parametrize("wrong", [{"size": 0}, {"pen": 0}, {"pen": -1}, {"pen": np.nan}])
def test_a_pen_must_have_a_width_and_the_pad_pixels(wrong):
    with pytest.raises(ValueError, match="at least 1 pixel and pen from 0 to 1"):
        rasterize([[(0.5, 0.5)]], **wrong)


# ── the preparation ─────────────────────────────────────────────────────────────────────────────────────────────────


@thorough
@given(drawings)
def test_the_digit_fills_the_box_and_its_centre_of_mass_is_in_the_middle(strokes):
    ink = rasterize(strokes)
    before = ink.copy()
    cropped, scaled, centred = like_mnist(ink)
    assert np.array_equal(ink, before)
    assert centred.shape == (SIZE, SIZE)
    assert {a.dtype for a in (cropped, scaled, centred)} == {np.dtype("uint8")}
    assert scaled.max() == centred.max() == 255
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    assert cropped.shape == (np.ptp(rows) + 1, np.ptp(columns) + 1)
    assert max(scaled.shape) == BOX
    long, short = max(cropped.shape), min(cropped.shape)
    assert 0 <= min(scaled.shape) - BOX * short / long < 1  # the aspect, to a part of a pixel
    assert (cropped.shape[0] > cropped.shape[1]) <= (scaled.shape[0] >= scaled.shape[1])
    assert centred.sum(dtype=int) == scaled.sum(dtype=int)  # nothing is cut off
    kept = np.flatnonzero(centred.any(axis=1)), np.flatnonzero(centred.any(axis=0))
    for middle, places in zip(centre_of_mass(centred), kept):
        at_the_edge = places[0] == 0 or places[-1] == SIZE - 1
        assert abs(middle - MIDDLE) <= 0.5 + 1e-9 or at_the_edge


@thorough
@given(drawings, st.integers(-8, 56), st.integers(-8, 56))
def test_it_does_not_matter_where_one_draws(strokes, right, down):
    right, down = right / 128, down / 128
    here = like_mnist(rasterize(strokes, size=128))
    there = like_mnist(rasterize([[(x + right, y + down) for x, y in stroke] for stroke in strokes], size=128))
    assert all(np.array_equal(a, b) for a, b in zip(here, there))


@pytest.mark.parametrize("zoom", [0.5, 0.7, 1.2])
@pytest.mark.parametrize("digit", range(10))
def test_it_hardly_matters_how_large_one_draws(digit, zoom):
    """With a pen as much larger, the same picture but for the rounding of pixels."""
    one = like_mnist(rasterize(DIGITS[digit], pen=0.08)).centred
    other = like_mnist(rasterize(moved(DIGITS[digit], zoom), pen=0.08 * zoom)).centred
    shifts = [np.roll(other, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    assert max(np.corrcoef(one.ravel(), shifted.ravel())[0, 1] for shifted in shifts) > 0.95


@given(st.integers(1, 300), st.integers(0, 300))
def test_each_new_pixel_is_a_mean_of_old_ones(length, more):
    longest = length + more
    matrix = shares(length, longest)
    assert matrix.shape == (-(-length * BOX // longest), length)
    assert matrix.min() >= 0
    assert matrix[:-1].sum(axis=1) == pytest.approx(1)
    assert 0 < matrix[-1].sum() <= 1 + 1e-9  # the last one may be covered in part
    assert matrix.sum(axis=0) == pytest.approx(BOX / longest)  # each old pixel counts alike: no line is lost
    if longest == BOX:
        assert np.array_equal(matrix, np.eye(length))


@pytest.fixture(scope="module")
def data():
    return mnist.load_data()


def test_mnists_own_digits_stay_as_they_are(data):
    """So these are the steps by which they were made. Three of 10 000 have a longer side of 19 pixels, not 20."""
    digits = data[1][0]
    same = [np.allclose(like_mnist(digit).centred, digit, rtol=0, atol=1) for digit in digits]
    assert np.mean(same) > 0.999
    assert np.array_equal(like_mnist(digits[0] / 255).centred, like_mnist(digits[0]).centred)


@pytest.fixture(scope="module")
def network(data):
    """The slides' network after two epochs."""
    (images, labels), _ = data
    set_random_seed(0)
    network = models.Sequential()
    network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
    network.add(layers.Dense(10, activation="softmax"))
    network.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    network.fit(_input(images), to_categorical(labels), epochs=2, batch_size=128, verbose=0)
    return network


def _input(pictures):
    return np.reshape(pictures, (-1, SIZE * SIZE)).astype("float32") / 255


def enlarged(digit, zoom):
    """A digit's picture as (28 · zoom)² pixels, each the nearest old one."""
    places = (np.arange(int(SIZE * zoom)) / zoom).astype(int)
    return digit[np.ix_(places, places)]


REDRAWN = {
    "10 times as large": lambda digit: enlarged(digit, 10),
    "off centre": lambda digit: np.pad(enlarged(digit, 6), ((5, 107), (90, 22))),
    "of another scale": lambda digit: np.pad(enlarged(digit, 3.7), 40),
    "half as large": lambda digit: np.pad(enlarged(digit, 0.5), 7),
    "thresholded": lambda digit: enlarged(digit, 10) > 127,
}


@pytest.mark.parametrize("name", REDRAWN)
def test_redrawn_digits_get_the_label_of_the_original(network, data, name):
    digits = data[1][0][:100]
    original = network.predict(_input(digits)).argmax(axis=1)
    redrawn = network.predict(_input([like_mnist(REDRAWN[name](digit)).centred for digit in digits])).argmax(axis=1)
    assert np.mean(redrawn == original) >= 0.9


@pytest.mark.parametrize("look", [{}, {"zoom": 0.5}, {"zoom": 1.2}, {"zoom": 0.6, "right": -0.25, "down": 0.2}])
def test_drawn_digits_are_recognised(network, look):
    pictures = [like_mnist(rasterize(moved(strokes, **look))).centred for strokes in DIGITS]
    assert network.predict(_input(pictures)).argmax(axis=1).tolist() == list(range(10))


@pytest.mark.parametrize("digit", range(10))
def test_a_drawn_line_is_as_thick_as_mnists(data, digit):
    """The ink of a drawn digit is about as much as that of MNIST's: their lines are 2 to 3 pixels wide."""
    (images, labels), _ = data
    usual = np.quantile(images[labels == digit].sum(axis=(1, 2)), [0.05, 0.95])
    assert usual[0] < like_mnist(rasterize(DIGITS[digit])).centred.sum() < usual[1]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (np.zeros((28, 28)), ValueError, "the pad is empty: draw a digit first"),
        (np.zeros((0, 5)), ValueError, "the pad is empty"),
        (np.ones(784), ValueError, "(784,)"),
        (np.ones((1, 28, 28)), ValueError, "(1, 28, 28)"),
        ([["a", "b"]], TypeError, "array of numbers"),
        (np.ones((2, 2), complex), TypeError, "array of numbers"),
        ([[1, None]], TypeError, "array of numbers"),
        ([[1, np.nan]], ValueError, "nan or inf"),
        ([[1, np.inf]], ValueError, "nan or inf"),
        ([[1, -1]], ValueError, "negative"),
    ],
)
def test_what_is_no_picture_is_refused(wrong, error, words):
    with pytest.raises(error, match=re.escape(words)):
        like_mnist(wrong)


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from(["bool", "uint8", "int32", "float32", "float64"]))
def test_any_kind_of_number_and_shape_will_do(height, width, dtype):
    result = like_mnist(np.ones((height, width), dtype))
    assert result.centred.max() == 255
    assert max(result.scaled.shape) == BOX


def test_very_large_and_very_small_numbers_are_ink_too():
    one = like_mnist([[1.0, 0], [1, 1]]).centred
    for factor in (1e308, 5e-324):
        assert np.array_equal(like_mnist(np.array([[1.0, 0], [1, 1]]) * factor).centred, one)
