"""The pieces that are drawn: what is packed for the page, the still pictures, and that both sides use the same colours."""

import base64
import json
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers import plots
from helpers.landscapes import SURFACES
from helpers.widgets import drawing, still
from helpers.widgets.base import FOLDER, grid, row, text
from helpers.widgets.descent import DescentState
from helpers.widgets.race import RaceState
from helpers.widgets.rolling import RollingState
from helpers.widgets.tangent import TangentState
from helpers.widgets.walks import chart

SCRIPT = (FOLDER / "plot.js").read_text(encoding="utf-8")
STATES = {
    "race": RaceState,
    "race where some leave the map": lambda: RaceState("Rosenbrock's banana", 1.0),
    "race with a local minimum": lambda: RaceState("local and global minimum", 0.02),
    "descent on a curve": DescentState,
    "descent on a surface": lambda: DescentState("surface: saddle"),
    "descent that diverges": lambda: DescentState("curve: one valley", 1.5),
    "rolling": RollingState,
    "rolling off the map": lambda: RollingState(0.1, 0.98, 1.8),
    "tangent": TangentState,
    "tangent at the edge": lambda: TangentState("local and global minimum", 1.8, 1.5),
}
each_state = pytest.mark.parametrize("make", STATES.values(), ids=STATES)


def unpack(packed):
    """As plot.js does it."""
    data = base64.b64decode(packed["data"])
    return np.frombuffer(data, {"uint8": "u1", "float32": "<f4"}[packed["dtype"]]).reshape(packed["shape"])


# ── packing ──

kinds = st.sampled_from(["uint8", "float32", "float64", "int64", ">f8", "bool"])


@pytest.mark.filterwarnings("ignore:overflow")  # of numbers beyond float32
@given(arrays.arrays(kinds, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)), st.booleans())
def test_what_is_packed_comes_out_again(array, turned):
    array = array.T if turned else array  # not contiguous
    packed = json.loads(json.dumps(drawing.pack(array), allow_nan=False))
    expected = array if array.dtype == np.uint8 else array.astype("float32")
    assert packed["dtype"] == ("uint8" if array.dtype == np.uint8 else "float32")
    assert np.array_equal(unpack(packed), expected, equal_nan=True)


def test_packing_goes_everywhere_and_leaves_the_view_alone():
    thing = {"a": [1, "x", None, (np.arange(3), {"b": np.array([np.nan])})], "c": True}
    packed = drawing.pack(thing)
    assert packed["a"][:3] == [1, "x", None]
    assert unpack(packed["a"][3][0]).tolist() == [0, 1, 2]
    assert np.isnan(unpack(packed["a"][3][1]["b"]))
    assert packed["c"] is True
    assert thing["a"][3][0].dtype.kind == "i"


@each_state
def test_every_view_is_valid_json(make):
    state = make()
    said = json.dumps(drawing.pack(state.view()), allow_nan=False)
    assert len(said) < 120_000, "too much to send at each move of a hand"
    for wrong in (float("nan"), float("inf"), -1, None):
        for name in ("rate", "h", "momentum", "start", "w", "surface", "landscape", "curve"):
            state.handle(name, wrong)
            json.dumps(drawing.pack(state.view()), allow_nan=False)


# ── marks ──


def test_each_mark_is_drawn_by_the_page():
    at = np.zeros((2, 2))
    marks = [
        drawing.line(at),
        drawing.points(at),
        drawing.arrow(at),
        drawing.words(at[:1], "a"),
        drawing.image([[0]]),
        drawing.quads(np.zeros((2, 2, 2)), [[0]]),
        drawing.box((0, 0), ["a"], ["ink"]),
    ]
    methods = set(re.findall(r"^  (\w+)\(c, mark\) \{", SCRIPT, re.MULTILINE))
    assert {mark["kind"] for mark in marks} == methods


def test_each_shape_is_drawn_by_the_page_and_by_the_still_picture():
    body = SCRIPT[SCRIPT.index("function shape(") :]
    body = body[: body.index("\n}\n")]
    assert set(drawing.SHAPES) == set(still.SHAPES)
    assert all(re.search(rf"\b{name}\b", body) for name in drawing.SHAPES)
    assert len(drawing.COLORS) == len(set(drawing.COLORS)) == len(set(drawing.SHAPES)) == 6


@given(st.floats(-1e4, 1e4), st.floats(-3, 4).map(lambda power: 10**power))
def test_ticks_are_few_and_round(low, length):
    assume(abs(low) <= 1000 * length)  # six digits are enough
    high = low + length
    ticks = drawing.ticks(low, high)
    places = np.array([at for at, _ in ticks])
    assert 4 <= len(ticks) <= 9
    slack = 1e-9 * max(abs(low), abs(high))
    assert ((low - slack <= places) & (places <= high + slack)).all()
    steps = np.diff(places)
    assert steps == pytest.approx(steps[0], rel=1e-6)
    digits = steps[0] / 10.0 ** np.floor(np.log10(steps[0] * (1 + 1e-9)))
    assert any(digits == pytest.approx(round_, rel=1e-6) for round_ in (1, 2, 2.5, 5))
    assert places / steps[0] == pytest.approx(np.round(places / steps[0]), abs=1e-6)
    # nothing is left out at the ends
    assert places[0] - low <= steps[0] * (1 + 1e-6)
    assert high - places[-1] <= steps[0] * (1 + 1e-6)
    labels = [label for _, label in ticks]
    assert len(set(labels)) == len(labels)
    assert [float(label) for label in labels] == pytest.approx(places, rel=1e-5, abs=1e-5 * steps[0])
    assert "-0" not in labels


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-3, 3, "-3 -2 -1 0 1 2 3"),
        (0, 1, "0 0.2 0.4 0.6 0.8 1"),
        (-0.5, 9, "0 2 4 6 8"),
        (-1.8, 1.8, "-1.5 -1 -0.5 0 0.5 1 1.5"),
        (0, 0.0008, "0 0.0001 0.0002 0.0003 0.0004 0.0005 0.0006 0.0007 0.0008"),
        (-0.6, 0.6, "-0.6 -0.4 -0.2 0 0.2 0.4 0.6"),
    ],
)
def test_ticks_by_example(low, high, labels):
    assert " ".join(label for _, label in drawing.ticks(low, high)) == labels


def test_contours_rise_with_the_height():
    levels = drawing.contours(lambda w: w[..., 0] + 10 * w[..., 1], (0, 1, 0, 1), size=(40, 30), bands=8)
    assert levels.dtype == np.uint8
    assert levels.shape == (30, 40)
    assert (levels.min(), levels.max()) == (0, 255)
    assert levels[-1, 0] == 0  # row 0 is on top
    assert levels[0, -1] == 255
    assert (np.diff(levels.astype(int), axis=1) >= 0).all()
    assert (np.diff(levels.astype(int), axis=0) <= 0).all()
    assert len(np.unique(levels)) == 8


@pytest.mark.parametrize("name", SURFACES)
def test_the_chart_of_a_surface_is_its_heights_in_bands(name):
    landscape, levels = SURFACES[name], chart(name)
    (x0, x1), (y0, y1) = landscape.box
    rows, columns = levels.shape
    rng = np.random.default_rng(0)
    i, j = rng.integers(0, rows, 500), rng.integers(0, columns, 500)
    x, y = x0 + (j + 0.5) / columns * (x1 - x0), y1 - (i + 0.5) / rows * (y1 - y0)
    order = np.argsort(landscape.f(np.stack([x, y], axis=-1)))
    assert (np.diff(levels[i, j][order].astype(int)) >= 0).all()
    assert (levels.min(), levels.max()) == (0, 255)
    assert len(np.unique(levels)) > 8
    for x, y in landscape.minima:
        assert levels[int((y1 - y) / (y1 - y0) * rows), int((x - x0) / (x1 - x0) * columns)] <= 255 / 13 * 5


# ── still pictures ──


@each_state
def test_a_still_picture_says_what_it_shows(make):
    view = make().view()
    page = still.still(view)
    alts = re.findall(r'<img alt="([^"]+)"', page)
    assert len(alts) == 1
    assert len(alts[0]) > 20
    picture = base64.b64decode(re.search(r"data:image/png;base64,([\w+/=]+)", page)[1])
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 5000, "an empty picture"
    assert not re.search(r"\bnan\b", re.sub(r"base64,[\w+/=]+", "", page))


def drawn(marks, players=(), rest_turn=None):
    """The still picture's bytes of a plot with some marks."""
    plot = drawing.plot("t", "a.", marks, (0, 1, 0, 1), size=(120, 100), turn=rest_turn)
    return still.still({"controls": list(players), "blocks": [plot]})


def test_every_kind_of_mark_leaves_ink_in_the_still_picture():
    at = np.array([[0.2, 0.2], [0.8, 0.7]])
    steps = drawing.player("step", "step", 2)
    marks = {
        "line": drawing.line(at),
        "dashed line": drawing.line(at, dash=(6, 4)),
        "points": drawing.points(at, ["blue", "orange"], ["circle", "square"], groups=[0, 1]),
        "arrow": drawing.arrow(at),
        "words": drawing.words(at[:1], "a"),
        "changing words": drawing.words(at[:1], ["a", "bb"], changes="step"),
        "image": drawing.image([[0, 255], [90, 30]]),
        "quads": drawing.quads(np.stack(np.meshgrid([0, 0.5, 1], [0, 1]), -1), [[0, 255]]),
        "box": drawing.box((0.5, 0.5), ["a", ["b", "c"]], ["ink", "blue"], lit=[None, "blue"], changes="step"),
    }
    pictures = {name: drawn([mark], [steps]) for name, mark in marks.items()}
    pictures["nothing"] = drawn([], [steps])
    assert len(set(pictures.values())) == len(pictures)


def test_a_still_picture_shows_the_frame_at_rest():
    at = np.linspace(0, 1, 10).reshape(5, 1, 2)
    pictures = [drawn([drawing.points(at, along=["step"])], [drawing.player("step", "", 5, rest=r)]) for r in range(5)]
    assert len(set(pictures)) == 5
    assert drawn([drawing.points(at, along=["step"])], [drawing.player("step", "", 5)]) == pictures[-1]
    grown = [drawn([drawing.line(at[:, 0], grow="step")], [drawing.player("step", "", 5, rest=r)]) for r in (1, 3)]
    assert grown[0] != grown[1]
    table = drawing.readout("t", ["a"], [[["zero", "one", "two"]]], "step")
    page = still.still({"controls": [drawing.player("step", "", 3, rest=1)], "blocks": [row(table)]})
    assert "one" in page
    assert "two" not in page


def test_words_never_become_markup():
    evil = "<img src=x onerror=alert(1)>\"'"
    steps = drawing.player("step", "step", 1)
    blocks = [
        text(evil),
        text(evil, "code"),
        grid(evil, [[{"text": evil}]]),
        drawing.readout(evil, [evil], [[evil], [[evil]]], "step"),
        drawing.plot("t", evil, [], (0, 1, 0, 1)),
        {"kind": "stack", "alt": evil},
    ]
    page = still.still({"controls": [steps], "blocks": [row(*blocks)]})
    assert evil not in page
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x") == 10


@settings(deadline=None)
@given(st.floats(-720, 720), st.integers(0, 9))
def test_turning_is_a_rotation_seen_from_above(degrees, seed):
    at = np.random.default_rng(seed).normal(size=(6, 3))
    angle, tilt = np.radians(degrees), np.radians(20)
    about_y = [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    about_x = [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]]
    seen = at @ np.transpose(about_y) @ np.transpose(about_x)
    assert still.turned(at, degrees) == pytest.approx(seen[:, :2], abs=0.02)
    assert still.turned(at, degrees + 360) == pytest.approx(still.turned(at, degrees), abs=1e-9)
    assert still.turned(at, 0)[:, 0] == pytest.approx(at[:, 0])


# ── colours ──


def luminance(color):
    """Relative luminance, by WCAG 2."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_of_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_page_and_still_picture_use_the_same_colours():
    body = re.search(r"const COLOURS = \{(.*?)\};", SCRIPT, re.DOTALL)[1]
    assert dict(re.findall(r'(\w+): "(#\w{6})"', body)) == still.COLOURS
    body = re.search(r"const HEIGHTS = \[(.*?)\];", SCRIPT)[1]
    heights = [[int(n) for n in part.split(",")] for part in re.findall(r"\[([\d, ]+)\]", body)]
    assert ["#{:02x}{:02x}{:02x}".format(*part) for part in heights] == still.HEIGHTS


def test_marks_and_text_stand_out_on_the_white_card():
    assert set(drawing.COLORS) < set(still.COLOURS)
    assert contrast(still.COLOURS["pale"], "#ffffff") >= 3  # lines only
    for name in set(still.COLOURS) - {"pale"}:
        assert contrast(still.COLOURS[name], "#ffffff") >= 4.5, name


def test_marks_stand_out_on_every_height():
    for height in still.HEIGHTS:
        assert contrast(still.COLOURS["ink"], height) >= 4.5
        for name in set(still.COLOURS) - {"pale"}:
            assert contrast(still.COLOURS[name], height) >= 3, (name, height)


def test_static_figures_use_the_same_colours():
    for name in ("blue", "orange", "green", "vermilion", "purple", "ink", "grey"):
        assert getattr(plots, name.upper()).lower() == still.COLOURS[name], name


def test_a_lower_place_is_never_brighter_on_the_low_side_nor_darker_on_the_high_side():
    brightness = [luminance(height) for height in still.HEIGHTS]
    assert brightness[:4] == sorted(brightness[:4])
    assert brightness[3:] == sorted(brightness[3:], reverse=True)
