"""The explorers that walk, driven like a reader drives them: race, descent, rolling, tangent."""

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.landscapes import CURVES, SURFACES, descend
from helpers.optimizers import SGD, Adagrad, Adam, RMSprop
from helpers.widgets import descent, race, rolling, tangent, walks
from helpers.widgets.base import Explorer
from helpers.widgets.descent import DescentState
from helpers.widgets.drawing import pack
from helpers.widgets.race import RaceState
from helpers.widgets.rolling import RollingState
from helpers.widgets.tangent import WIDTHS, TangentState
from helpers.widgets.walks import MOMENTA, NEAR

STATES = (RaceState, DescentState, RollingState, TangentState)
NUMBERS = {
    RaceState: {"rate": race.RATES, "momentum": MOMENTA},
    DescentState: {"rate": descent.RATES},
    RollingState: {"rate": rolling.RATES, "momentum": MOMENTA},
    TangentState: {"h": WIDTHS},
}
CHOICES = {
    RaceState: {"surface": list(SURFACES)},
    DescentState: {"landscape": list(descent.PLACES)},
    RollingState: {},
    TangentState: {"curve": list(CURVES)},
}
HANDLE = {RaceState: "start", DescentState: "start", RollingState: "start", TangentState: "w"}
each_state = pytest.mark.parametrize("kind", STATES)


def blocks(thing, kind):
    """All blocks of one kind in a view, those in rows too."""
    if isinstance(thing, dict):
        found = [thing] if thing.get("kind") == kind else []
        return found + [block for part in thing.values() for block in blocks(part, kind)]
    return [block for part in thing for block in blocks(part, kind)] if isinstance(thing, list) else []


def words(view):
    return "\n".join(block["text"] for block in blocks(view["blocks"], "text"))


def situation(state):
    """All that a state knows, but for what was typed and refused."""
    return {key: value for key, value in vars(state).items() if key not in ("typed", "errors")}


def check_view(state):
    """What holds for every view of every explorer; returns the view."""
    view = state.view()
    json.dumps(pack(view), allow_nan=False)
    frames = {control["name"]: control["frames"] for control in view["controls"] if control["kind"] == "player"}
    assert blocks(view["blocks"], "plot")
    for plot in blocks(view["blocks"], "plot"):
        assert plot["alt"].strip().endswith(".")
        assert plot["title"]
        for mark in plot["marks"]:
            for axis, player in enumerate(mark.get("along", [])):
                assert mark["at"].shape[axis] == frames[player]
            if mark.get("grow"):
                assert mark["at"].shape == (frames[mark["grow"]], 2)
            if mark["kind"] == "scatter" and mark["groups"]:
                assert len(mark["groups"]) == mark["at"].shape[-2]
                assert max(mark["groups"]) < len(mark["colors"]) == len(mark["shapes"])
    for table in blocks(view["blocks"], "readout"):
        for row in table["rows"]:
            assert len(row) == len(table["head"])
            for text in row:
                assert isinstance(text, str) or len(text) == frames[table["along"]]
                assert all(isinstance(t, str) for t in text)
    return view


def read_at(view, label, frame):
    """A row of the readout at a frame: the number beside a label."""
    (table,) = blocks(view["blocks"], "readout")
    (row,) = [row for row in table["rows"] if label in row]
    return row[-1][frame]


# ── all of them ──


@each_state
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_the_reader_does_the_view_is_sound(kind, data):
    state = kind()
    for name, values in (*NUMBERS[kind].items(), *CHOICES[kind].items()):
        place = data.draw(st.integers(0, len(values) - 1))
        state.handle(name, place if name in NUMBERS[kind] else values[place])
    state.handle(HANDLE[kind], data.draw(st.tuples(*[st.floats(-9, 9)] * 2).map(list)))
    assert not state.errors
    check_view(state)


@each_state
def test_each_slider_and_each_choice_does_what_it_says(kind):
    state = kind()
    for name, numbers in NUMBERS[kind].items():
        for i, number in enumerate(numbers):
            state.handle(name, i)
            control = next(c for c in check_view(state)["controls"] if c["name"] == name)
            assert (control["value"], control["text"], control["max"]) == (i, f"{number:g}", len(numbers) - 1)
            assert getattr(state, name) == number
    for name, choices in CHOICES[kind].items():
        for choice in choices:
            state.handle(name, choice)
            view = check_view(state)
            control = next(c for c in view["controls"] if c["name"] == name)
            assert (control["value"], control["choices"]) == (choice, choices)
            assert blocks(view["blocks"], "plot")[0]["title"] in choice or kind is TangentState


HUGE = 10**400  # JSON knows no largest number


@each_state
@pytest.mark.parametrize("value", ["", "abc", "nan", None, float("nan"), float("inf"), -1, -99, 99, HUGE, [], {}, [1]])
def test_a_slider_refuses_what_is_no_place_on_it(kind, value):
    state = kind()
    for name in NUMBERS[kind]:
        before = situation(state)
        state.handle(name, value)
        assert state.errors[name]
        assert situation(state) == before
        check_view(state)
        state.handle(name, 0)
        assert not state.errors


NO_PLACES = [None, 3, "", "ab", [], {}, {"x": 1}, [None, 0], ["1", "2"], [[1], [2]], [float("nan"), float("nan")]]


@each_state
@pytest.mark.parametrize("value", NO_PLACES, ids=repr)
def test_a_handle_refuses_what_is_no_place(kind, value):
    states = [kind()]
    if kind is DescentState:
        states.append(kind("surface: saddle"))
    for state in states:
        before = situation(state)
        state.handle(HANDLE[kind], value)
        assert state.errors[HANDLE[kind]]
        assert situation(state) == before
        check_view(state)


def test_a_place_on_a_surface_has_two_numbers():
    for state in (RaceState(), DescentState("surface: saddle")):
        before = state.start
        state.handle("start", [1.0])
        assert state.errors["start"]
        state.handle("start", [1.0, float("nan")])
        assert state.start == before


@each_state
@pytest.mark.parametrize("value", ["", "nowhere", None, 0, -1, ["saddle"], {}, float("nan")], ids=repr)
def test_a_choice_refuses_what_is_not_on_the_list(kind, value):
    state = kind()
    for name in CHOICES[kind]:
        before = situation(state)
        state.handle(name, value)
        assert state.errors[name]
        assert situation(state) == before
        check_view(state)


@each_state
def test_names_that_are_no_control_are_ignored(kind):
    state = kind()
    before = situation(state)
    for name in ("view", "handle", "__init__", "", "step", "no such control"):
        state.handle(name, 1)
    assert situation(state) == before


@each_state
@pytest.mark.parametrize("far", [(-99, -99), (99, 99), (float("inf"), float("-inf")), (-HUGE, HUGE)], ids=str)
def test_the_handle_stays_inside_the_box(kind, far):
    state = kind()
    state.handle(HANDLE[kind], list(far))
    (plot,) = blocks(check_view(state)["blocks"], "plot")
    (shown,) = plot["handles"]
    assert not state.errors
    assert shown["at"][0] == plot["x"][far[0] > 0]
    if kind is RaceState:
        assert shown["at"][1] == plot["y"][far[1] > 0]


@pytest.mark.parametrize("show", [race.race, descent.descent, rolling.rolling, tangent.tangent])
def test_the_widget_answers_and_has_a_still_picture(show):
    widget = show()
    assert isinstance(widget, Explorer)
    before = widget.view
    for message in (None, 3, {}, {"name": 7}, {"name": "rate", "value": None}, {"name": "h", "value": float("inf")}):
        widget._receive(widget, message, [])
    json.dumps(widget.view, allow_nan=False)
    assert widget.view["blocks"] == before["blocks"]
    widget._receive(widget, {"name": HANDLE[type(widget.state)], "value": [0.5, 0.5]}, [])
    assert widget.view["blocks"] != before["blocks"]
    assert widget.view["answers"] > before["answers"]
    bundle = widget._repr_mimebundle_()[0]
    assert "run this cell" in bundle["text/plain"]
    assert "<img alt=" in bundle["text/html"]
    widget.close()


# ── race ──

FRESH = {
    "SGD": lambda rate, momentum: SGD(rate),
    "momentum": lambda rate, momentum: SGD(rate, momentum),
    "Nesterov": lambda rate, momentum: SGD(rate, momentum, nesterov=True),
    "AdaGrad": lambda rate, momentum: Adagrad(rate),
    "RMSprop": lambda rate, momentum: RMSprop(rate),
    "Adam": lambda rate, momentum: Adam(rate),
}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(("rate", "momentum"), [(0.01, 0.9), (0.1, 0.5), (1.0, 0.98)])
def test_each_racer_walks_with_its_own_optimizer(surface, rate, momentum):
    state = RaceState()
    state.handle("surface", surface)
    state.handle("rate", race.RATES.index(rate))
    state.handle("momentum", MOMENTA.index(momentum))
    state.handle("start", [0.7, -0.4])
    assert list(state.paths) == list(FRESH)
    view = check_view(state)
    (plot,) = blocks(view["blocks"], "plot")
    heads = next(mark for mark in plot["marks"] if mark["kind"] == "scatter")["at"]
    lines = [mark["at"] for mark in plot["marks"] if mark["kind"] == "line"]
    for i, (name, make) in enumerate(FRESH.items()):
        path = descend(SURFACES[surface], make(rate, momentum), (0.7, -0.4), 100)
        assert np.array_equal(state.paths[name], path, equal_nan=True)
        assert np.array_equal(heads[:, i], path, equal_nan=True)
        assert np.array_equal(lines[i], path, equal_nan=True)
        height = SURFACES[surface].f(path[37])
        assert read_at(view, name, 37) == walks.show(height)
        assert height != height or float(read_at(view, name, 37)) == pytest.approx(height, abs=6e-5, rel=0.05)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("start", [None, (0.0, 0.99), (-1.0, 0.03), (1.0, 1.0)])
@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5])
def test_arrivals_by_brute_force(surface, start, rate):
    state = RaceState(surface, rate)
    if start:
        state.handle("start", list(start))
    landscape = SURFACES[surface]
    heights = [landscape.f(np.array(m)) for m in landscape.minima]
    expected = {}
    for name, path in state.paths.items():
        for minimum, height in zip(landscape.minima, heights):
            near = [np.hypot(*(w - minimum)) < NEAR for w in path]
            if near[-1]:
                first = min(step for step in range(101) if all(near[step:]))
                expected[name] = (first, "local" if height > min(heights) + 1e-6 else "global")
    found = state.arrivals()
    assert found == expected
    assert [step for step, _ in found.values()] == sorted(step for step, _ in found.values())
    for name, (step, which) in found.items():
        assert f"{name} at step {step}" + " (local)" * (which == "local") in state.sentence()
    assert expected or "None has come to rest" in state.sentence()


def test_both_hollows_of_the_saddle_are_global_and_one_of_two_is_local():
    assert walks.kinds(SURFACES["saddle"]) == ["global", "global"]
    assert walks.kinds(SURFACES["local and global minimum"]) == ["global", "local"]
    assert [mark["text"] for mark in walks.stars(SURFACES["local and global minimum"])] == ["★", "☆"]


def test_a_racer_off_the_map_is_named():
    state = RaceState("long valley", 1.0)
    assert state.rate == 1.0
    state.handle("momentum", 0)
    assert "Off the map" not in state.sentence()  # 1 - 2·rate = -1: it jumps to and fro for ever
    state = RaceState("Rosenbrock's banana", 1.0)
    assert np.isnan(state.paths["SGD"][-1]).all()
    assert "Off the map: SGD" in state.sentence()
    assert read_at(check_view(state), "SGD", 100) == "off the map"


def test_momentum_changes_only_those_that_have_it():
    state = RaceState()
    before = state.paths
    state.handle("momentum", 0)
    moved = {name for name, path in state.paths.items() if not np.array_equal(path, before[name])}
    assert moved == {"momentum", "Nesterov"}
    assert np.array_equal(state.paths["momentum"], state.paths["SGD"])


def test_a_new_surface_has_its_own_start():
    state = RaceState()
    state.handle("start", [1, 1])
    state.handle("surface", "saddle")
    assert state.start == SURFACES["saddle"].start


# ── descent ──


@pytest.mark.parametrize("name", descent.PLACES)
def test_descent_is_plain_sgd(name):
    state = DescentState()
    state.handle("landscape", name)
    state.handle("rate", descent.RATES.index(0.05))
    state.handle("start", [-1.0, 0.5])
    landscape = descent.PLACES[name]
    path = descend(landscape, SGD(0.05), (-1.0, 0.5)[: len(landscape.start)], 60)
    assert np.array_equal(state.path, path)
    view = check_view(state)
    axes = "w" if path.shape[1] == 1 else "xy"
    for step in (0, 1, 30, 59):
        w, gradient = path[step], landscape.gradient(path[step])
        assert float(read_at(view, "f", step)) == pytest.approx(landscape.f(w), abs=6e-5)
        for k, axis in enumerate(axes):
            assert float(read_at(view, axis, step)) == pytest.approx(w[k], abs=6e-5)
            assert float(read_at(view, f"slope along {axis}", step)) == pytest.approx(gradient[k], abs=6e-5)
            said = float(read_at(view, f"next step of {axis}", step))
            assert said == pytest.approx(path[step + 1, k] - w[k], abs=6e-5)


def test_the_tangent_drawn_has_the_slope_of_each_step():
    state = DescentState("curve: local and global minimum")
    (plot,) = blocks(state.view()["blocks"], "plot")
    tangents = next(m["at"] for m in plot["marks"] if m["kind"] == "line" and m["along"])
    run, rise = (tangents[:, 1] - tangents[:, 0]).T
    assert rise / run == pytest.approx(state.landscape.gradient(state.path)[:, 0])
    middle = tangents.mean(axis=1)
    assert middle[:, 0] == pytest.approx(state.path[:, 0])
    assert middle[:, 1] == pytest.approx(state.landscape.f(state.path))


@pytest.mark.parametrize("rate", descent.RATES)
@pytest.mark.parametrize("start", [-2.5, 0.9, 3.0])
def test_the_verdict_on_w_squared(rate, start):
    """Each step multiplies w by 1 - 2·rate: that says it all."""
    state = DescentState("curve: one valley")
    state.handle("rate", descent.RATES.index(rate))
    state.handle("start", [start, 0])
    factor = 1 - 2 * rate
    verdict = state.verdict()
    assert verdict in words(state.view())
    assert verdict in blocks(state.view()["blocks"], "plot")[0]["alt"]
    end = abs(start) * abs(factor) ** 60
    assert ("It diverges" in verdict) == (rate > 1)
    assert ("At the minimum from step" in verdict) == (end < NEAR)
    assert ("in tiny steps" in verdict) == (end >= NEAR and rate < 0.5)
    assert ("from side to side" in verdict) == (0.5 < rate <= 1)
    if end < NEAR and factor:
        first = int(np.ceil(np.log(NEAR / abs(start)) / np.log(abs(factor))))
        assert f"from step {first} on" in verdict


def test_the_verdict_names_the_kind_of_minimum():
    state = DescentState("curve: local and global minimum", 0.1)
    assert "At the local minimum" in state.verdict()
    state.handle("start", [-1.5, 0])
    assert "At the global minimum" in state.verdict()
    state.handle("landscape", "surface: saddle")
    state.handle("start", [1, 1])
    assert "At the global minimum" in state.verdict()


def test_who_starts_at_the_minimum_stays():
    state = DescentState()
    for i in range(len(descent.RATES)):
        state.handle("rate", i)
        state.handle("start", [0, 0])
        assert state.verdict() == "At the minimum from step 0 on."


def test_a_walk_that_leaves_the_map_is_still_shown():
    state = DescentState("curve: one valley", 1.5)
    view = check_view(state)
    assert float(read_at(view, "w", 3)) == pytest.approx(20)
    assert read_at(view, "w", 60) == read_at(view, "f", 60) == "off the map"


# ── rolling ──


@pytest.mark.parametrize(("rate", "momentum", "start"), [(0.02, 0.9, 1.6), (0.1, 0.98, -1.2), (0.002, 0.0, 0.5)])
def test_the_two_balls(rate, momentum, start):
    state = RollingState()
    state.handle("rate", rolling.RATES.index(rate))
    state.handle("momentum", MOMENTA.index(momentum))
    state.handle("start", [start, 0])
    for name, optimizer in (("SGD", SGD(rate)), ("momentum", SGD(rate, momentum))):
        path = descend(rolling.CURVE, optimizer, (start,), 150)[:, 0]
        assert np.array_equal(state.paths[name], path)
        assert float(read_at(check_view(state), f"{'●' if name == 'SGD' else '■'} {name}: w", 90)) == pytest.approx(
            path[90], abs=6e-5
        )


def test_the_velocity_is_that_of_the_momentum_rule():
    state = RollingState()
    w, v = state.start[0], 0.0
    view = check_view(state)
    for step in range(60):
        assert float(read_at(view, "→ velocity v", step)) == pytest.approx(v, abs=6e-5)
        v = 0.9 * v - 0.02 * rolling.CURVE.gradient(np.array([w]))[0]
        w += v


@pytest.mark.parametrize(("rate", "momentum"), list(product(rolling.RATES, [0.0, 0.5, 0.9, 0.95, 0.98])))
def test_an_ending_is_where_the_ball_would_stay(rate, momentum):
    """Walking on for much longer does not take it away again."""
    state = RollingState(rate, momentum)
    for (name, ending), rule in zip(state.endings().items(), (SGD(rate), SGD(rate, momentum))):
        path = descend(rolling.CURVE, rule, state.start, 3000)[:, 0]
        if ending != "nowhere":
            minimum = rolling.CURVE.minima[ending == "local"][0]
            assert (abs(path[150:] - minimum) < 2 * NEAR).all(), name
        elif np.isfinite(path[-1]):  # it was truly still on its way
            assert min(np.ptp(path[140:151]), 1) > 1e-4
            assert all((abs(path[141:151] - minimum[0]) >= NEAR).any() for minimum in rolling.CURVE.minima)


def test_the_sentence_of_the_lesson():
    state = RollingState()
    assert state.endings() == {"SGD": "local", "momentum": "global"}
    assert "SGD ends in the local minimum" in state.sentence()
    assert "Momentum 0.9 ends in the global minimum" in state.sentence()
    state.handle("momentum", 0)
    assert state.endings() == {"SGD": "local", "momentum": "local"}
    state.handle("start", [-1.5, 0])
    assert state.endings() == {"SGD": "global", "momentum": "global"}


def test_a_start_from_outside_the_curve_is_moved_onto_it():
    assert RollingState(start=99).start == (1.8,)
    assert TangentState(w=99).w == 3


# ── tangent ──


@given(st.sampled_from(list(CURVES)), st.floats(-1.8, 1.8))
def test_the_secant_becomes_the_tangent(curve, w):
    state = TangentState(curve)
    state.handle("w", [w, 7])
    assert state.w == w
    f = CURVES[curve].f
    gaps = []
    for i, h in enumerate(WIDTHS):
        state.handle("h", i)
        assert state.secant == pytest.approx(float(f(np.array([w + h])) - f(np.array([w]))) / h)
        assert state.slope == CURVES[curve].gradient(np.array([w]))[0]
        gaps.append(abs(state.secant - state.slope))
    assert gaps[0] < 0.03  # |f''| h / 2, and f'' is below 40
    assert gaps[0] <= gaps[1] / 5 + 1e-3
    assert gaps[1] <= gaps[2] / 5 + 1e-2


def test_the_gap_of_w_squared_is_h_itself():
    state = TangentState("one valley")
    for i, h in enumerate(WIDTHS):
        state.handle("h", i)
        assert state.secant - state.slope == pytest.approx(h)
        assert f"h = {h:g}" in words(check_view(state))


def test_the_lines_drawn_have_the_slopes_said():
    state = TangentState("local and global minimum", w=0.5, h=0.5)
    (plot,) = blocks(check_view(state)["blocks"], "plot")
    lines = {mark["color"]: mark["at"] for mark in plot["marks"] if mark["kind"] == "line"}
    for color, slope in (("orange", state.secant), ("vermilion", state.slope)):
        (x0, y0), (x1, y1) = lines[color]
        assert (y1 - y0) / (x1 - x0) == pytest.approx(slope)
        assert y0 + slope * (0.5 - x0) == pytest.approx(state.f(0.5))
    assert f"= {state.slope:.4f}" in words(state.view())
    assert f"= {state.secant:.4f}" in words(state.view())


@pytest.mark.parametrize(("w", "said"), [(1, "positive: the way down is to the left"), (0, "level"), (-1, "negative")])
def test_the_way_down(w, said):
    state = TangentState()
    state.handle("w", [w, 0])
    assert said in state.sentence()


def test_any_h_is_moved_to_the_nearest_on_the_slider():
    state = TangentState(h=0.06)
    assert state.h == 0.1
    check_view(state)
