"""The affine map explorer: what is dragged and typed, against NumPy."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.datasets import mnist
from helpers.widgets.affine_map import (
    BOX,
    OWN,
    PICTURES,
    PRESETS,
    AffineMapState,
    affine_map,
    corners,
    first_digit,
    lattice,
    parse_number,
    strokes,
)
from helpers.widgets.base import Explorer
from helpers.widgets.drawing import pack

thorough = settings(max_examples=100, deadline=None)
hundredths = st.integers(-300, 300).map(lambda n: n / 100)
pairs = st.tuples(hundredths, hundredths).map(np.array)


def plot_of(state):
    return state.view()["blocks"][0]["blocks"][0]


def marks_of(state, kind):
    return [mark for mark in plot_of(state)["marks"] if mark["kind"] == kind]


def seen(state):
    """All words of the view."""
    return json.dumps(pack(state.view()), ensure_ascii=False)


# ── dragging and typing ──


@thorough
@given(pairs, pairs, pairs)
def test_dragging_the_handles_gives_exactly_that_map(row0, row1, b):
    state = AffineMapState()
    state.handle("translation", b.tolist())
    state.handle("basis1", (row0 + b).tolist())
    state.handle("basis2", (row1 + b).tolist())
    assert not state.errors
    assert np.array_equal(state.W, [row0, row1])
    assert np.array_equal(state.b, b)
    assert np.allclose(state.map(np.eye(2)), [row0 + b, row1 + b])
    at = {handle["name"]: handle["at"] for handle in plot_of(state)["handles"]}
    expected = np.clip([b, row0 + b, row1 + b], BOX[::2], BOX[1::2])
    assert np.allclose([at["translation"], at["basis1"], at["basis2"]], expected)
    json.dumps(pack(state.view()))


@thorough
@given(st.lists(hundredths, min_size=6, max_size=6), pairs, st.booleans())
def test_typed_numbers_map_points_as_numpy_does(numbers, x, relu):
    state = AffineMapState(relu=relu)
    for name, number in zip(("W:0,0", "W:0,1", "W:1,0", "W:1,1", "b:0", "b:1"), numbers):
        state.handle(name, str(number))
    W, b = np.array(numbers[:4]).reshape(2, 2), np.array(numbers[4:])
    z = [x[0] * W[0, 0] + x[1] * W[1, 0] + b[0], x[0] * W[0, 1] + x[1] * W[1, 1] + b[1]]
    assert np.allclose(state.map(x), np.maximum(z, 0) if relu else z)
    assert np.isclose(state.determinant, np.linalg.det(W), atol=1e-9)
    lines = marks_of(state, "line")[1]["at"]
    inner = np.isfinite(lines).all(axis=1)
    before = strokes(lattice(121))[inner]
    assert np.allclose(lines[inner], np.maximum(before @ W + b, 0) if relu else before @ W + b, atol=1e-9)


def test_moving_the_origin_moves_all():
    state = AffineMapState(W=[[1, 2], [-1, 0.5]])
    before = marks_of(state, "quads")[1]["at"]
    state.handle("translation", [0.5, -1])
    assert state.W.tolist() == [[1, 2], [-1, 0.5]]
    assert np.allclose(marks_of(state, "quads")[1]["at"], before + [0.5, -1])
    origin, tip1, tip2 = (np.array(arrow["at"]) for arrow in marks_of(state, "arrow"))
    assert np.allclose(origin, [[0, 0], [0.5, -1]])
    assert np.allclose(tip1, [[0.5, -1], [1.5, 1]])
    assert np.allclose(tip2, [[0.5, -1], [-0.5, -0.5]])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("W:0,0", "abc"),
        ("W:0,0", ""),
        ("W:0,0", None),
        ("W:0,0", "10"),
        ("W:0,0", "1e3"),
        ("W:0,0", "nan"),
        ("W:0,0", "1.23456"),
        ("W:0,0", "__import__('os')"),
        ("W:0,2", "1"),
        ("W:0", "1"),
        ("W:a,b", "1"),
        ("b:-1", "1"),
        ("b:0,0", "1"),
        ("basis1", "12"),
        ("basis1", [1e9, 0]),
        ("basis1", [float("nan"), 0]),
        ("basis2", ["1", "2"]),
        ("basis2", [1, 2, 3]),
        ("translation", None),
        ("translation", 3),
        ("translation", []),
        ("preset", "twist"),
        ("preset", None),
        ("picture", "cat"),
        ("picture", []),
        ("relu", "yes"),
        ("relu", None),
    ],
)
def test_bad_input_is_shown_and_changes_nothing(name, value):
    state = AffineMapState(W=[[1, 2], [3, 4]], b=[0.5, -0.5])
    before = plot_of(state)
    state.handle(name, value)
    assert state.errors[name]
    assert json.dumps(state.errors[name], ensure_ascii=False)[1:-1] in seen(state)
    assert (state.W.tolist(), state.b.tolist()) == ([[1, 2], [3, 4]], [0.5, -0.5])
    assert (state.preset, state.picture, state.relu) == (OWN, "letter F", False)
    assert json.dumps(pack(plot_of(state))) == json.dumps(pack(before))
    state.handle("b:0", "0.25")  # what comes next clears the complaint
    assert not state.errors
    assert "decimals" not in seen(state)


def test_entries_have_a_limit_when_dragged_too():
    state = AffineMapState()
    state.handle("b:0", "9.99")
    state.handle("basis1", [-4, 0])
    assert "too far" in state.errors["basis1"]
    assert state.W.tolist() == [[1, 0.5], [-0.5, 1]]
    assert plot_of(state)["handles"][0]["at"] == [4, 0]  # the handle stays within reach


def test_what_nobody_knows_is_ignored():
    state = AffineMapState()
    for name in ("focus", "pick", "", ":", "W", "view"):
        state.handle(name, "W:0,0")
    assert not state.errors


@pytest.mark.parametrize(
    ("typed", "number"), [("1", 1), (" -0.5 ", -0.5), (".25", 0.25), ("-.5", -0.5), ("3.", 3), ("-9.99", -9.99), (2, 2)]
)
def test_numbers_are_read_as_written(typed, number):
    assert parse_number("x", typed, 9.99) == number


# ── presets and what the determinant says ──


@pytest.mark.parametrize(
    ("preset", "determinant", "says"),
    [
        ("identity", 1, "areas × 1.00."),
        ("rotation by 30°", 1, "areas × 1.00."),
        ("scaling", 0.75, "areas × 0.75."),
        ("shear", 1, "areas × 1.00."),
        ("reflection", -1, "areas × 1.00, and turned over"),
        ("collapse", 0, "becomes a line"),
        ("translation", 1, "areas × 1.00."),
    ],
)
def test_presets_say_what_they_do(preset, determinant, says):
    state = AffineMapState()
    state.handle("preset", preset)
    assert np.isclose(state.determinant, determinant, atol=1e-12)
    assert says in state.areas()
    assert state.preset == preset
    state.handle("basis1", [1.5, 1.5])
    assert state.preset == OWN
    state.handle("preset", preset)  # the presets themselves were not written over
    assert np.isclose(state.determinant, determinant, atol=1e-12)
    state.handle("W:1,0", "2")
    assert state.preset == OWN
    state.handle("preset", OWN)
    assert state.W[1, 0] == 2


def test_all_presets_are_tested():
    assert len(PRESETS) == 7


def test_the_rotation_turns_counterclockwise_by_30_degrees():
    state = AffineMapState()
    state.handle("preset", "rotation by 30°")
    turned = [complex(*place) for place in state.map(np.eye(2))]
    assert np.allclose(turned, np.array([1, 1j]) * np.exp(1j * np.pi / 6))


def test_zero_collapses_to_a_point():
    state = AffineMapState(W=np.zeros((2, 2)))
    assert "becomes a point" in state.areas()
    json.dumps(pack(state.view()))


def test_the_determinant_is_the_area_of_the_picture():
    state = AffineMapState(W=[[1.3, 0.4], [-0.7, 0.9]], b=[2, -1])
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = state.map(np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]]))
    area = ((x2 - x0) * (y3 - y1) - (x3 - x1) * (y2 - y0)) / 2  # of a quadrilateral, by its diagonals
    assert np.isclose(area, state.determinant)
    assert "areas × 1.45" in state.areas()


def test_one_point_is_computed_in_code_that_runs():
    state = AffineMapState(W=[[1, -2], [0.5, 0.25]], b=[-3, 1])
    code, result = state.expression().rsplit(" = ", 1)
    assert eval(result) == [-1.5, -0.75]
    names = {"relu": lambda z: np.maximum(z, 0)}
    assert np.allclose(eval(code.replace("[1, 1]", "np.array([1, 1])", 1), {"np": np}), [-1.5, -0.75])
    state.handle("relu", True)
    code, middle, result = state.expression().split(" = ")
    assert eval(result) == eval(middle, names).tolist() == [0, 0]
    assert code.startswith("relu([1, 1] @ [[1, -2], [0.5, 0.25]] + [-3, 1])")


# ── relu ──


def test_relu_folds_three_quarters_of_a_board():
    state = AffineMapState(W=np.eye(2), picture="grid of squares", relu=True)
    some, both = state.folded()
    assert np.isclose(some, 0.75)
    assert np.isclose(both, 0.25)
    assert "75% of the picture is changed, 25% of it ends" in state.fold()
    state.handle("translation", [4, 3])
    assert state.folded() == pytest.approx((0, 0))
    state.handle("translation", [-4, -3])
    assert state.folded() == pytest.approx((1, 1))
    state.handle("translation", [4, -3])
    assert state.folded() == pytest.approx((1, 0))


def test_relu_puts_nothing_below_zero_and_handles_stay_free():
    state = AffineMapState(W=[[-1, -1], [2, -1]], relu=True)
    assert np.nanmin(marks_of(state, "line")[1]["at"]) == 0
    assert marks_of(state, "quads")[1]["at"].min() == 0
    assert plot_of(state)["handles"][1]["at"] == [-1, -1]


# ── pictures ──


def test_the_digit_is_mnists_first():
    (images, _), _ = mnist.load_data()
    assert np.array_equal(first_digit(), images[0])


@pytest.mark.parametrize("picture", PICTURES)
def test_pictures_are_upright_around_the_origin(picture):
    state = AffineMapState(W=np.eye(2), picture=picture)
    before, after = marks_of(state, "quads")
    rows, columns = before["ink"].shape
    places = before["at"].reshape(rows + 1, columns + 1, 2)
    assert np.allclose(places.mean(axis=(0, 1)), 0)
    assert np.allclose(places[0, 0], -places[-1, -1])
    assert places[0, 0, 1] > 0 > places[0, 0, 0]  # row 0 on top, column 0 on the left
    assert np.allclose(after["at"][[0, -1]], before["at"][[0, -1]])
    assert after["ink"].any()


def test_another_picture():
    digit = np.zeros((4, 6), "uint8")
    digit[0, 5] = 200
    state = AffineMapState(picture="digit", digit=digit)
    assert marks_of(state, "quads")[0]["ink"].shape == (4, 6)
    state = AffineMapState(picture="digit", digit=np.zeros((4, 6), "uint8"), relu=True)
    assert state.folded() == (0, 0)
    with pytest.raises(ValueError, match="one picture"):
        AffineMapState(digit=np.zeros(3))
    with pytest.raises(ValueError, match="shapes"):
        AffineMapState(W=np.eye(3))


def test_corners_are_one_pixel_apart():
    places = corners((2, 3), 0.5)
    assert places.shape == (3, 4, 2)
    assert np.allclose(np.diff(places, axis=1), [0.5, 0])
    assert np.allclose(np.diff(places, axis=0), [0, -0.5])


# ── the view ──


def test_the_plot_says_in_words_what_it_shows():
    state = AffineMapState(W=[[2, 0], [0, -1]], b=[0.5, 0])
    plot = plot_of(state)
    assert "(1, 0) goes to (2.5, 0) and (0, 1) goes to (0.5, -1), the origin to (0.5, 0)" in plot["alt"]
    assert "areas × 2.00, and turned over" in plot["alt"]
    assert plot["title"]
    frame = (plot["width"] - 58, plot["height"] - 48)  # without plot.js's margins: one scale for both axes
    assert np.isclose(frame[0] / 8, frame[1] / 6)
    assert {mark["text"] for mark in plot["marks"] if mark["kind"] == "words"} == {"(1, 0)", "(0, 1)", "(1, 1)", "b"}


def test_labels_stay_inside_of_the_plot():
    for place in ([4, 3], [-4, -3], [4, -3]):
        state = AffineMapState()
        for name in ("basis1", "basis2", "translation"):
            state.handle(name, place)
        x, y = np.concatenate([mark["at"] for mark in marks_of(state, "words")]).T
        assert (x.min() >= -4) & (x.max() <= 3.2) & (y.min() >= -2.9) & (y.max() <= 2.8 + 1e-9)


def test_the_widget_answers():
    widget = affine_map()
    assert isinstance(widget, Explorer)
    before = widget.view
    widget._receive(widget, {"name": "basis1", "value": [2, 1]}, [])
    assert widget.view != before
    assert widget.state.W[0].tolist() == [2, 1]
    assert "<img" in widget._repr_mimebundle_()[0]["text/html"]
    widget.close()
