"""Figures: each is a picture with alt text, and draws what it is given."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from helpers import plots
from helpers.datasets import samples

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)
PROBABILITIES = np.random.default_rng(0).dirichlet(np.ones(10), 7)


@pytest.fixture
def shown(monkeypatch):
    """What a function displays, as (alt text, picture)."""
    pages = []
    monkeypatch.setattr(plots, "display", lambda page: pages.append(page.data))

    def look():
        (page,) = pages
        data = re.search(r'src(?:set)?="data:image/\w+;base64,([^"]*)"', page[page.index("<img") :])[1]
        return re.search(r'alt="([^"]*)"', page)[1], Image.open(io.BytesIO(base64.b64decode(data)))

    return look


@pytest.mark.parametrize(
    ("draw", "alt"),
    [
        (lambda: plots.digits(IMAGES, titles=range(7), columns=4), "7 small pictures, titled 0, 1, 2, 3, 4, 5, 6."),
        (lambda: plots.digits(IMAGES[:2], alt="two"), "two"),
        (lambda: plots.pixels(IMAGES[0, :4, :4], alt="sixteen pixels"), "sixteen pixels"),
        (lambda: plots.flow(["a", "b", "c"], alt="three boxes", feedback="d"), "three boxes"),
        (lambda: plots.flow(["a", "b"], alt="two boxes"), "two boxes"),
        (lambda: plots.training_curves({"loss": [2, 1], "val_loss": [3, 2]}), "Curves of loss over 2 epochs."),
        (lambda: plots.predictions(IMAGES, PROBABILITIES, range(7)), "7 pictures, each above ten bars"),
        (lambda: plots.timings([1, 10], {"loops": [1, 10], "NumPy": [1, 2]}, alt="two lines"), "two lines"),
        (
            lambda: plots.tensor_ranks([(), (3,), (2, 3), (2, 2, 3), (2, 2, 2, 2), (1, 2, 2, 2, 2)], alt="ranks"),
            "ranks",
        ),
        (lambda: plots.intraday(samples.stock_prices(1), alt="a day"), "a day"),
    ],
)
def test_pictures_have_size_ink_and_alt_text(shown, draw, alt):
    assert draw() is None
    words, picture = shown()
    assert words.startswith(alt)
    pixels = np.asarray(picture.convert("L"))
    assert min(pixels.shape) > 60
    assert pixels.min() < 120
    assert pixels.max() == 255


def test_alt_text_is_escaped(shown):
    plots.digits(IMAGES[:1], alt='"><script>')
    assert "<script>" not in shown()[0]


def test_the_animation_ends_by_itself(shown):
    film = samples.video(1, frames=5)[0]
    plots.animation(film, alt="a ball")
    words, picture = shown()
    assert words == "a ball"
    assert picture.n_frames == 5
    assert picture.info["loop"] <= 3


def test_plane_draws_points_and_arrows(shown):
    things = {"points": np.eye(2), "u": np.array([1.0, 2.0]), "v from": np.array([[1.0, 2.0], [0.0, 1.0]])}
    plots.plane({"left": things, "right": {"points": np.eye(2)}}, alt="Points and two arrows.")
    assert shown()[0] == "Points and two arrows."


def test_curves_draws_several_lines(shown):
    lines = {name: (np.arange(10), np.arange(10) + i) for i, name in enumerate("abcdef")}
    plots.curves(lines, alt="Six straight lines.", xlabel="x", ylabel="y", yscale="log")
    assert shown()[0] == "Six straight lines."
