"""The pad's state, without a browser: what the network itself says of the prepared picture is right."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import layers, models
from helpers.datasets.handwriting import like_mnist, rasterize
from helpers.utils import set_random_seed
from helpers.widgets.base import Explorer
from helpers.widgets.draw_digit import MOST_POINTS, MOST_STROKES, DrawDigitState, draw_digit
from helpers.widgets.drawing import pack

SEVEN = [[[0.3, 0.2], [0.7, 0.2], [0.45, 0.8]]]
place = st.integers(0, 1000).map(lambda n: n / 1000)
drawings = st.lists(st.lists(st.lists(place, min_size=2, max_size=2), min_size=1, max_size=6), max_size=4)


def make(*inner, shape=(784,), units=10, activation="softmax"):
    set_random_seed(0)
    network = models.Sequential([layers.Input(shape), *inner, layers.Dense(units, activation=activation)])
    network.build()
    return network


@pytest.fixture(scope="module")
def network():
    return make(layers.Dense(16, activation="relu"))


@pytest.fixture
def state(network):
    return DrawDigitState(network)


def blocks(state, kind):
    """All blocks of a kind in the state's view, those in rows too."""
    found = []
    for block in state.view()["blocks"]:
        found += [b for b in (block["blocks"] if block["kind"] == "row" else [block]) if b["kind"] == kind]
    return found


@settings(max_examples=100, deadline=None)
@given(drawings)
def test_the_bars_are_what_the_network_says_of_the_prepared_picture(network, strokes):
    state = DrawDigitState(network)
    state.handle("strokes", strokes)
    assert not state.errors
    json.dumps(pack(state.view()), allow_nan=False)
    assert blocks(state, "pad")[0]["strokes"] == strokes
    if not strokes:
        assert not blocks(state, "bars")
        return
    picture = like_mnist(rasterize(strokes)).centred
    expected = network.predict(picture.reshape(1, 784).astype("float32") / 255)[0]
    (bars,) = blocks(state, "bars")
    assert bars["values"] == pytest.approx(expected.tolist())
    assert bars["labels"] == list("0123456789")
    assert bars["best"] == expected.argmax()
    steps = blocks(state, "pictures")
    assert np.array_equal(255 - steps[-1]["images"][0], picture)
    assert np.array_equal(255 - steps[0]["images"][0], rasterize(strokes))
    assert len(steps) == 4


def test_an_empty_pad_says_so(state):
    for _ in range(2):
        assert "The pad is empty: draw a digit" in blocks(state, "text")[0]["text"]
        assert not blocks(state, "bars")
        assert not blocks(state, "pictures")
        state.handle("strokes", SEVEN)
        assert len(blocks(state, "bars")) == 1
        state.handle("strokes", [])  # what the page's button "clear" sends


def test_taking_back_a_stroke_gives_the_drawing_before_it(state):
    state.handle("strokes", SEVEN)
    before = state.probabilities
    state.handle("strokes", [*SEVEN, [[0.1, 0.9]]])
    assert not np.array_equal(state.probabilities, before)
    assert blocks(state, "pad")[0]["alt"] == "A pad to draw on: 2 strokes."
    state.handle("strokes", SEVEN)
    assert np.array_equal(state.probabilities, before)


def test_the_sentence():
    state = DrawDigitState(make())
    for values, words in (
        ({7: 0.98, 1: 0.02}, "Looks like a 7 (98 % sure)."),
        ({8: 0.6, 1: 0.3, 2: 0.1}, "Looks like an 8 (60 % sure), perhaps a 1 (30 %)."),
        ({0: 0.9, 8: 0.1}, "Looks like a 0 (90 % sure), perhaps an 8 (10 %)."),
        ({3: 0.9996, 5: 0.0004}, "Looks like a 3 (over 99 % sure)."),
    ):
        state.probabilities = np.zeros(10)
        state.probabilities[list(values)] = list(values.values())
        assert state.sentence() == words


NONSENSE = [
    "strokes",
    None,
    7,
    {},
    {"0": [[0.5, 0.5]]},
    [7],
    ["ab"],
    [[]],
    [[], [[0.5, 0.5]]],
    [[0.5, 0.5]],
    [[[0.5]]],
    [[[0.5, 0.5, 0.5]]],
    [[["0.5", "0.5"]]],
    [[[[0.5, 0.5]]]],
    [[[0.5, None]]],
    [[[True, False]]],
    [[[float("nan"), 0.5]]],
    [[[float("inf"), 0.5]]],
    [[[-0.01, 0.5]]],
    [[[0.5, 1.01]]],
    [[[0.5, 10**400]]],
    [[[0.5, 0.5]]] * (MOST_STROKES + 1),
    [[[0.5, 0.5]] * (MOST_POINTS + 1)],
    [[[0.5, 0.5]] * (MOST_POINTS // 2 + 1)] * 2,
]


@pytest.mark.parametrize("wrong", NONSENSE, ids=lambda wrong: repr(wrong)[:30])
def test_nonsense_changes_nothing_and_is_explained(state, wrong):
    state.handle("strokes", SEVEN)
    before = state.strokes, state.probabilities
    state.handle("strokes", wrong)
    assert state.errors["strokes"]
    assert (state.strokes, state.probabilities) == before
    assert blocks(state, "text")[-1]["text"].startswith("✗ ")
    json.dumps(pack(state.view()), allow_nan=False)
    state.handle("strokes", SEVEN)
    assert not state.errors


def test_a_full_pad_is_still_drawn(state):
    state.handle("strokes", [[[0.5, 0.5]]] * MOST_STROKES)
    assert not state.errors
    state.handle("strokes", [[[n / MOST_POINTS, 0.5] for n in range(MOST_POINTS)]])
    assert not state.errors


def test_a_network_for_pictures_of_28_by_28_will_do():
    flat, square = make(), make(layers.Flatten(), shape=(28, 28))
    square.set_weights(flat.get_weights())
    one, other = DrawDigitState(flat), DrawDigitState(square)
    for state in (one, other):
        state.handle("strokes", SEVEN)
    assert np.array_equal(one.probabilities, other.probabilities)


def test_a_network_that_goes_on_learning_answers_anew(network):
    network = make()
    state = DrawDigitState(network)
    state.handle("strokes", SEVEN)
    network.set_weights([np.zeros((784, 10)), np.arange(10.0)])
    state.handle("strokes", SEVEN)
    assert state.probabilities.argmax() == 9


@pytest.mark.parametrize(
    ("network", "error", "words"),
    [
        (lambda: make(shape=(100,)), ValueError, r"784 pixels .* takes \(100,\) and gives \(10,\)"),
        (lambda: make(units=2), ValueError, r"takes \(784,\) and gives \(2,\)"),
        (lambda: make(activation=None), ValueError, "must be a softmax"),
        (lambda: make(activation="sigmoid"), ValueError, "must be a softmax"),
        (lambda: models.Sequential([layers.Dense(10)]), ValueError, "train it first"),
        (lambda: models.Sequential(), ValueError, "train it first"),
        (lambda: None, TypeError, "a trained network"),
        (lambda: DrawDigitState, TypeError, "a trained network"),
    ],
)
def test_a_network_that_cannot_read_digits_is_refused(network, error, words):
    with pytest.raises(error, match=words):
        draw_digit(network())


def test_spoiled_weights_are_no_probabilities(network):
    spoiled = make()
    spoiled.set_weights([np.full((784, 10), np.nan), np.zeros(10)])
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="its weights numbers"):
        DrawDigitState(spoiled)


def test_the_widget_answers_and_has_a_still_view(network):
    widget = draw_digit(network)
    assert isinstance(widget, Explorer)
    assert "class Pad" in widget._esm
    assert "The pad is empty" in widget._repr_mimebundle_()[0]["text/html"]
    widget._receive(widget, {"name": "strokes", "value": SEVEN}, [])
    assert widget.view["blocks"][0]["blocks"][0]["strokes"] == SEVEN  # so that a second view shows the drawing
    page = widget._repr_mimebundle_()[0]["text/html"]
    assert "Looks like" in page
    assert page.count("<img") == 4
    widget.close()
