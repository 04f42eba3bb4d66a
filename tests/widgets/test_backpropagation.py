"""The backpropagation explorer: its frames against `Value.backward`, NumPy and central differences."""

import functools
import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font

from helpers.graph import Value, topological_order
from helpers.widgets.backpropagation import (
    EXPRESSIONS,
    HEIGHT,
    UNKNOWN,
    BackpropagationState,
    backpropagation,
    both_passes,
    layout,
    short,
    shown,
)
from helpers.widgets.base import Explorer
from helpers.widgets.drawing import pack

thorough = settings(max_examples=60, deadline=None)
names = pytest.mark.parametrize("name", EXPRESSIONS)
thousandths = st.integers(-3000, 3000).map(lambda n: n / 1000)

FORMULAS = {  # once more, in NumPy
    "(W·x + b - y)²": lambda x, W, b, y: (W * x + b - y) ** 2,
    "(relu(W·x + b) - y)²": lambda x, W, b, y: (np.maximum(W * x + b, 0) - y) ** 2,
    "two layers": lambda x, w1, b1, w2, b2, y: (w2 * np.maximum(w1 * x + b1, 0) + b2 - y) ** 2,
    "softmax and cross-entropy": lambda z1, z2, z3: -np.log(np.exp(z1) / (np.exp(z1) + np.exp(z2) + np.exp(z3))),
    "a node used twice: x·x + x": lambda x: x * x + x,
}


def frames_of(state):
    return both_passes(state.output())


def block(state, kind, which=0):
    return [b for b in state.view()["blocks"] if b["kind"] == kind][which]


def boxes(state):
    return [mark for mark in block(state, "plot")["marks"] if mark["kind"] == "box"]


def box_of(state, heading):
    return next(mark for mark in boxes(state) if mark["lines"][0] == heading)


def measured(name, leaves, h=1e-6):
    f = FORMULAS[name]
    return {leaf: (f(**leaves | {leaf: x + h}) - f(**leaves | {leaf: x - h})) / (2 * h) for leaf, x in leaves.items()}


# ── numbers ──


@thorough
@given(st.data())
def test_gradients_are_those_of_central_differences(data):
    name = data.draw(st.sampled_from(list(EXPRESSIONS)))
    state = BackpropagationState(name)
    for leaf in state.leaves:
        state.handle(f"leaf:{leaf}", str(data.draw(thousandths)))
    assert not state.errors
    output, last = state.output(), frames_of(state)[-1]
    assert np.isclose(output.data, FORMULAS[name](**state.leaves))
    verdicts = [row[-1][-1] for row in block(state, "readout", 1)["rows"]]
    if "✗ relu has no one slope at 0" in verdicts:
        inner = [node.parents[0].data for node in topological_order(output) if node.op == "relu"]
        assert min(map(abs, inner)) < 1e-4
        return
    expected = measured(name, state.leaves)
    grads = {node.name: grad for node, grad in last.grads.items()}
    assert all(np.isclose(grads[leaf], expected[leaf], rtol=1e-4, atol=1e-5) for leaf in state.leaves)
    json.dumps(pack(state.view()))


@names
def test_the_last_frame_holds_what_backward_computes(name):
    output = BackpropagationState(name).output()
    last = both_passes(output)[-1]
    output.backward()
    nodes = shown(topological_order(output))
    assert set(last.grads) == set(nodes)
    assert all(np.isclose(last.grads[node], node.grad, rtol=1e-12) for node in nodes)


@names
def test_partial_sums_are_those_of_the_children_that_are_done(name):
    output = BackpropagationState(name).output()
    frames = both_passes(output)
    output.backward()
    done = []
    for frame in frames:
        if frame.title.startswith("backward "):
            done.append(frame.node)
        expected = {output: 1.0} if frame.color == "vermilion" else {}
        for child in done:
            for parent, slope in zip(child.parents, child.slopes):
                if parent.name:
                    expected[parent] = expected.get(parent, 0.0) + slope * child.grad
        assert frame.grads.keys() == expected.keys()
        assert all(np.isclose(frame.grads[node], expected[node]) for node in expected)


@names
def test_frames_go_forward_then_backward_one_node_at_a_time(name):
    output = BackpropagationState(name).output()
    frames = both_passes(output)
    steps = [node for node in shown(topological_order(output)) if node.op]
    assert [f.node for f in frames] == [None, *steps, output, *reversed(steps)]
    assert [f.color for f in frames] == [None] + ["blue"] * len(steps) + ["vermilion"] * (len(steps) + 1)
    for before, after in itertools.pairwise(frames):
        assert all(parent in before.known or not parent.name for parent in after.node.parents)
        assert after.known - before.known <= {after.node}
    assert frames[0].known == {node for node in shown(topological_order(output)) if not node.op}
    for frame in frames[len(steps) + 2 :]:  # a gradient is passed on only when it is complete
        assert frame.grads[frame.node] == frames[-1].grads[frame.node]


def test_the_running_example():
    state = BackpropagationState("(W·x + b - y)²")
    says = [frame.says for frame in frames_of(state)]
    assert says[2][0] == "forward: z = W·x + b = 0.03 + 2 = 2.03"
    assert says[4][0] == "forward: d = z - y = 2.03 - 8 = -5.97"
    assert says[5][0] == "forward: L = d² = (-5.97)² = 35.641"
    assert says[7][1] == "∂L/∂d += slope · ∂L/∂L = (-11.94) · 1 = -11.94"
    assert says[-1][1] == "∂L/∂W += slope · ∂L/∂(W·x) = 0.01 · (-11.94) = -0.1194"
    W = box_of(state, "W")
    assert W["lines"][1] == ["3"] * 12
    assert W["lines"][2] == ["grad ?"] * 11 + ["grad -0.1194"]
    assert box_of(state, "z: +")["lines"][1] == ["?"] * 2 + ["2.03"] * 10


def test_a_node_used_twice_sums_its_gradients():
    state = BackpropagationState("a node used twice: x·x + x", x=5)
    assert box_of(state, "x")["lines"][2] == ["grad ?"] * 4 + ["grad 1", "grad 11"]
    _, first, second = frames_of(state)[-1].says
    assert first.endswith("5 · 1 = 5, so far 1 + 5 = 6")
    assert second.endswith("5 · 1 = 5, so far 6 + 5 = 11")


def test_softmax_gives_probabilities_minus_the_answer():
    state = BackpropagationState("softmax and cross-entropy", z1=0.3, z2=-1, z3=2)
    scores = np.exp([0.3, -1, 2])
    grads = {node.name: grad for node, grad in frames_of(state)[-1].grads.items()}
    assert np.allclose([grads["z1"], grads["z2"], grads["z3"]], scores / scores.sum() - [1, 0, 0])


def test_relus_kink_is_told():
    state = BackpropagationState("(relu(W·x + b) - y)²", W=0, b=0)
    rows = block(state, "readout", 1)["rows"]
    assert [row[0] for row in rows] == ["x", "W", "b", "y"]
    assert {row[0]: row[-1][-1][0] for row in rows} == {"x": "✓", "W": "✗", "b": "✗", "y": "✓"}


@names
def test_the_check_is_passed_and_shown_last(name):
    for label, gradient, difference, verdict in block(BackpropagationState(name), "readout", 1)["rows"]:
        assert set(difference[:-1]) == set(verdict[:-1]) == {UNKNOWN}
        assert verdict[-1] == "✓"
        assert float(gradient[-1]) == pytest.approx(float(difference[-1]), rel=1e-3), label


# ── what readers type ──


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("leaf:W", "abc"),
        ("leaf:W", ""),
        ("leaf:W", None),
        ("leaf:W", "1e9"),
        ("leaf:W", "100"),
        ("leaf:W", "inf"),
        ("leaf:W", "0.12345"),
        ("leaf:W", [1]),
        ("leaf:z", "1"),
        ("leaf:", "1"),
        ("leaf", "1"),
        ("expression", "x**x"),
        ("expression", None),
        ("expression", {}),
    ],
)
def test_bad_input_is_shown_and_changes_nothing(name, value):
    state = BackpropagationState()
    before = json.dumps(pack(block(state, "plot")))
    state.handle(name, value)
    assert state.errors[name]
    assert json.dumps(state.errors[name], ensure_ascii=False)[1:-1] in json.dumps(
        pack(state.view()), ensure_ascii=False
    )
    assert json.dumps(pack(block(state, "plot"))) == before
    state.handle("leaf:W", "2.5")
    assert not state.errors
    assert state.leaves["W"] == 2.5


def test_choosing_an_expression_brings_its_own_leaves():
    state = BackpropagationState(x=4)
    assert state.leaves["x"] == 4
    state.handle("expression", "softmax and cross-entropy")
    assert list(state.leaves) == ["z1", "z2", "z3"]
    state.handle("leaf:z1", "-7")
    state.handle("expression", "softmax and cross-entropy")
    assert state.leaves["z1"] == 1
    state.handle("focus", "leaf:z1")
    assert not state.errors
    with pytest.raises(ValueError, match="no leaf"):
        BackpropagationState(weight=1)


@pytest.mark.parametrize("number", ["-99.99", "99.99", "0"])
@names
def test_the_ends_of_what_can_be_typed(name, number):
    state = BackpropagationState(name)
    for leaf in state.leaves:
        state.handle(f"leaf:{leaf}", number)
        assert not state.errors
        json.dumps(pack(state.view()))


# ── the drawing ──


@names
def test_boxes_do_not_overlap_and_edges_meet_only_their_own(name):
    output = BackpropagationState(name).output()
    nodes, edges, width, (wide, high) = layout(output)
    assert wide + 16 <= 824  # fits into the explorer
    for (a, at), (b, to) in itertools.combinations(nodes.items(), 2):
        apart = np.abs(at - to)
        assert apart[0] >= width + 12 or apart[1] >= HEIGHT + 12, (a, b)
    for at in nodes.values():
        assert (at - [width / 2, HEIGHT / 2] >= 0).all()
        assert (at + [width / 2, HEIGHT / 2] <= [wide, high]).all()
    for child, parent, path in edges:
        along = np.linspace(0, 1, 50)[:, None]
        places = np.concatenate([start + along * (end - start) for start, end in itertools.pairwise(path)])
        for node, at in nodes.items():
            inside = (np.abs(places - at) < [width / 2 + 1, HEIGHT / 2 + 1]).all(axis=1)
            assert not inside.any() or node in (child, parent)
        assert (np.diff(path[:, 0]) > 0).all()  # to the right, always


@names
def test_edges_do_not_cross(name):
    edges = layout(BackpropagationState(name).output()).edges
    segments = [list(itertools.pairwise(path)) for *_, path in edges]
    for one, other in itertools.combinations(segments, 2):
        for (a, b), (c, d) in itertools.product(one, other):
            assert side(a, b, c) * side(a, b, d) >= 0 or side(c, d, a) * side(c, d, b) >= 0


def side(a, b, c):
    """On which side of the line from a to b the place c lies: 1, -1, or 0 if on it."""
    (x, y), (u, v) = b - a, c - a
    return np.sign(x * v - y * u)


@names
def test_each_edge_is_drawn_once(name):
    output = BackpropagationState(name).output()
    nodes, edges, *_ = layout(output)
    expected = [(node, parent) for node in nodes for parent in shown(node.parents)]
    assert [(child, parent) for child, parent, _ in edges] == expected
    ends = {(child, tuple(path[-1])) for child, _, path in edges}
    assert len(ends) == len(edges)  # arrowheads do not hide one another
    for child, parent, path in edges:
        assert nodes[parent][0] < path[0][0] < path[-1][0] < nodes[child][0]
        assert path[0][1] == nodes[parent][1]
        assert abs(path[-1][1] - nodes[child][1]) < HEIGHT / 2


@names
def test_edges_light_up_with_their_child(name):
    state = BackpropagationState(name)
    output = state.output()
    frames, edges = both_passes(output), layout(output).edges
    blue, vermilion = (m["at"] for m in block(state, "plot")["marks"] if m["kind"] == "line" and m["along"])
    assert blue.shape[0] == vermilion.shape[0] == len(frames)
    start = 0
    for child, _, path in edges:
        part = slice(start, start + len(path))
        lit = [f.title for f, at in zip(frames, np.ptp(blue[:, part], axis=1)) if at.any()]
        back = [f.title for f, at in zip(frames, np.ptp(vermilion[:, part], axis=1)) if at.any()]
        assert lit == [f.title for f in frames if f.node is child and f.color == "blue"]
        assert back == [f.title for f in frames if f.node is child and f.title.startswith("backward ")]
        assert np.allclose(blue[0, part], path[0])
        assert np.allclose(vermilion[0, part], path[-1])
        assert np.isnan(blue[:, start + len(path)]).all()
        start += len(path) + 1


@thorough
@given(st.data())
def test_words_fit_into_their_boxes(data):
    name = data.draw(st.sampled_from(list(EXPRESSIONS)))
    state = BackpropagationState(name)
    for leaf in state.leaves:
        state.handle(f"leaf:{leaf}", str(data.draw(st.integers(-99990, 99990)) / 1000))
    marks = boxes(state)
    for mark in marks:
        heading, number, gradient = mark["lines"]
        widths = text_width(heading, "bold"), text_width(number[-1]), text_width(gradient[-1])
        assert max(widths) <= mark["width"] - 2


@functools.cache
def text_width(text, weight="normal"):
    """In 12 pixels of DejaVu Sans, the widest of the usual fonts; set twice as large, as plot.js does."""
    font = FT2Font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    font.set_size(24, 72)
    font.set_text(text)
    return font.get_width_height()[0] / 64 / 2


@names
def test_the_view_is_lit_titled_and_told(name):
    state = BackpropagationState(name)
    view, frames = state.view(), frames_of(state)
    plot = block(state, "plot")
    assert plot["title"]
    assert "gradient" in plot["alt"]
    assert plot["width"] <= 824
    player = view["controls"][1]
    assert player["frames"] == len(player["texts"]) == len(frames)
    for mark in boxes(state):
        assert len(mark["lit"]) == len(mark["lines"][1]) == len(mark["lines"][2]) == len(frames)
    lit = [[m["lit"][i] for m in boxes(state) if m["lit"][i]] for i in range(len(frames))]
    assert lit == [[frame.color] if frame.color else [] for frame in frames]
    assert all(len(words) == len(frames) for (words,) in block(state, "readout")["rows"])
    assert all(len(frame.says) == 3 and all(frame.says) for frame in frames)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (35.6409, "35.641"),
        (-11.94, "-11.94"),
        (0.0123456, "0.0123"),
        (1.234e-5, "1.2e-5"),
        (123456.7, "123457"),
        (1234567.0, "1.23e6"),
        (-1.234e-44, "-1e-44"),
        (9.9999999, "10"),
    ],
)
def test_numbers_are_short(number, text):
    assert short(number) == text


@given(st.floats(-1e300, 1e300))
def test_short_numbers_are_near(number):
    assert len(short(number)) <= 7
    assert float(short(number)) == pytest.approx(number, rel=0.5)


def test_the_widget_answers():
    widget = backpropagation("two layers", x=1.5)
    assert isinstance(widget, Explorer)
    before = widget.view
    widget._receive(widget, {"name": "leaf:w1", "value": "2"}, [])
    assert widget.view != before
    assert isinstance(widget.state.output(), Value)
    assert "<img" in widget._repr_mimebundle_()[0]["text/html"]
    widget.close()
