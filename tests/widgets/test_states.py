"""The explorers' states, without a browser: NumPy itself says what is right."""

import json
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.widgets.base import Explorer, State
from helpers.widgets.broadcasting import BroadcastingState, broadcasting
from helpers.widgets.element_wise import OPERATIONS, ElementWiseState, element_wise
from helpers.widgets.matrix_product import MatrixProductState, matrix_product
from helpers.widgets.parse import parse_index, parse_shape
from helpers.widgets.reshape import ReshapeState, reshape
from helpers.widgets.slicer import SlicerState, slicer

shapes = st.lists(st.sampled_from([1, 1, 2, 3, 4]), max_size=5).map(tuple)
thorough = settings(max_examples=500, deadline=None)


def refuses(function, *args):
    """NumPy's answer, or None where it refuses."""
    try:
        return function(*args)
    except ValueError:
        return None


# ── broadcasting ────────────────────────────────────────────────────────────────────────────────────────────────────


@thorough
@given(shapes, shapes)
def test_shapes_broadcast_as_in_numpy(a, b):
    state = BroadcastingState(a, b)
    together = refuses(np.broadcast_shapes, a, b)
    assert state.result == together
    json.dumps(state.view())
    if together is None:
        assert "do not fit" in state.sentence()
    else:
        for (_, own, stretched), shape in zip(state.strides(), (a, b)):
            array = np.zeros(shape)
            assert own == array.strides or array.size <= 1 or 1 in shape  # of length-1 axes NumPy may choose the step
            real = np.broadcast_to(array, together).strides
            repeated = [
                n > 1 and (k < len(together) - len(shape) or shape[k - len(together)] == 1)
                for k, n in enumerate(together)
            ]
            assert all(stretched[k] == real[k] == 0 for k, again in enumerate(repeated) if again)


@thorough
@given(shapes, shapes)
def test_every_proposed_fix_works(a, b):
    for expression, reshaped, shape in BroadcastingState(a, b).fixes():
        names = {"a": np.zeros(a), "b": np.zeros(b), "None": None}
        assert eval(expression, {"__builtins__": {}}, names).shape == shape
        if reshaped:
            assert eval(expression, {}, names).shape == shape
            assert np.prod(eval(reshaped, {}, names).shape) == names[reshaped[0]].size


def test_stamps_of_each_kind():
    assert [stamp for *_, stamp, _ in BroadcastingState((2, 3, 1, 5), (3, 4, 6)).axes()] == [
        "new",
        "equal",
        "stretched",
        "clash",
    ]


def test_the_trap_of_the_lesson():
    state = BroadcastingState((60000, 784), (60000,))
    assert "784 meets 60000" in state.sentence()
    assert ("a + b[:, None]", "b.reshape(60000, 1)", (60000, 784)) in state.fixes()


def test_typing_a_shape_and_a_mistake():
    state = BroadcastingState((3, 4), (4,))
    state.handle("b", "3, 1")
    assert (state.b, state.result) == ((3, 1), (3, 4))
    state.handle("b", "3, x1")
    assert state.b == (3, 1)
    state.handle("b", "three")
    control = next(c for c in state.view()["controls"] if c["name"] == "b")
    assert control["value"] == "three"
    assert "whole numbers" in control["error"]
    state.handle("b", "(4,)")
    assert not state.errors


# ── slicing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

bounds = st.none() | st.integers(-8, 8)
slices = st.builds(slice, bounds, bounds, st.none() | st.integers(-4, 4).filter(bool))


def written(index):
    if not isinstance(index, slice):
        return str(index)
    return ":".join("" if n is None else str(n) for n in (index.start, index.stop, index.step))


@thorough
@given(st.tuples(*[slices | st.integers(-9, 9) | st.lists(st.integers(-6, 6), min_size=1, max_size=3)] * 3))
def test_slices_are_numpys(index):
    array = np.arange(4 * 5 * 6, dtype=np.uint8).reshape(4, 5, 6)
    state = SlicerState(array)
    for axis, i in enumerate(index):
        state.handle(f"axis{axis}", written(i))
    if state.errors:
        lists = sum(isinstance(i, list) for i in index)
        try:
            taken = array[index]
        except IndexError:
            return
        # Two lists are refused on purpose. And where nothing is taken, NumPy does not look at a list's places.
        assert lists > 1 or taken.size == 0, state.errors
        return
    expected = array[index]
    assert np.array_equal(state.taken, expected)
    assert eval(state.expression(), {"digits": array}).shape == expected.shape
    lit = state.lit()
    mask = np.zeros_like(array)
    mask[np.ix_(*lit)] = 1
    assert set(array[mask == 1]) == set(np.ravel(expected))
    if expected.size:
        assert state.is_view() == np.shares_memory(expected, array)
    json.dumps(state.view())


@pytest.mark.parametrize(
    "wrong", ["1;2", "a", "::0", "1:2:3:4", "__import__('os')", "[1, 2", "99", "[0, 99]", "1.5", None]
)
def test_what_is_no_slice_is_explained(wrong):
    state = SlicerState(np.zeros((4, 5, 6), np.uint8))
    state.handle("axis0", wrong)
    assert state.errors["axis0"]
    assert state.taken.shape == (4, 5, 6)


# ── element by element ──────────────────────────────────────────────────────────────────────────────────────────────


@given(st.sampled_from(list(OPERATIONS)), st.integers(0, 1), st.integers(0, 2), st.integers(-99, 99))
def test_each_result_is_made_of_its_two_sources(operation, i, j, number):
    state = ElementWiseState([[1, -2, 3], [-4, 5, -6]], [[2, 2, 2], [1, 0, -1]])
    state.handle("operation", operation)
    state.handle(f"x:{i},{j}", str(number))
    assert state.x[i, j] == number
    assert state.picked == (i, j)
    namespace = {"maximum": max, "relu": lambda x: max(x, 0), "x": state.x[i, j], "y": state.y[i, j]}
    assert state.result[i, j] == eval(operation, namespace)
    assert state.sentence().endswith(f"= {state.result[i, j]:g}" if operation != "x > y" else f"= {state.result[i, j]}")
    json.dumps(state.view())


def test_element_wise_refuses_what_is_no_number():
    state = ElementWiseState([[1, 2]], [[3, 4]])
    for wrong in ("abc", "nan", "1e999", "", None):
        state.handle("x:0,0", wrong)
        assert "not a number" in state.errors["x:0,0"]
    state.handle("x:7,7", "1")
    state.handle("operation", "rm -rf")
    assert state.x.tolist() == [[1, 2]]
    assert state.operation == "x + y"
    with pytest.raises(ValueError, match="equal shape"):
        ElementWiseState([[1, 2]], [[1]])


# ── matrix product ──────────────────────────────────────────────────────────────────────────────────────────────────

length = st.integers(1, 6)


@thorough
@given(length, length, length, length, st.data())
def test_products_are_numpys_or_refused(n, k, k2, m, data):
    state = MatrixProductState()
    for name, value in zip(("x_rows", "x_columns", "y_rows", "y_columns"), (n, k, k2, m)):
        state.handle(name, value)
    expected = refuses(np.matmul, state.x, state.y)
    json.dumps(state.view())
    if expected is None:
        assert state.result is None
        assert "does not fit" in state.rule()
        return
    assert np.array_equal(state.result, expected)
    i, j = data.draw(st.tuples(st.integers(0, n - 1), st.integers(0, m - 1)))
    state.handle("pick", [i, j])
    steps = state.running_sum()
    assert len(steps) == k
    assert steps[-1][2] == expected[i, j] == sum(a * b for a, b, _ in steps)


def test_picking_outside_is_refused():
    state = MatrixProductState(2, 3, 4)
    state.handle("pick", [2, 0])
    assert state.picked == (0, 0)
    state.handle("x_rows", 99)
    assert state.x.shape == (2, 3)
    state.handle("pick", [1, 3])
    state.handle("y_columns", 2)  # the picked element goes away with its column
    assert state.picked == (1, 1)


# ── reshape ─────────────────────────────────────────────────────────────────────────────────────────────────────────

small = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


@thorough
@given(small, st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6]), max_size=3))
def test_reshape_is_numpys_or_refused(old, new):
    state = ReshapeState()
    state.handle("old", str(old))
    state.handle("new", ", ".join(map(str, new)))
    if new.count(-1) > 1:
        assert "only one" in state.errors["new"]
        return
    expected = refuses(np.arange(np.prod(old)).reshape(old).reshape, new)
    if expected is None:
        assert state.result is None
    else:
        assert np.array_equal(state.result, expected)
        assert str(expected.shape) in state.sentence() or -1 not in new
    json.dumps(state.view())


def test_following_a_number():
    state = ReshapeState((3, 2), (2, 3))
    state.handle("pick", 4)
    assert state.whereabouts() == "4 = a[2, 0]\n4 = a.reshape(…)[1, 1]\n4 = a.T[0, 2]"
    state.handle("pick", 99)
    assert state.picked == 4
    state.handle("old", "50, 50")
    assert "at most" in state.errors["old"] or "can be drawn" in state.errors["old"]


# ── parsing, and the widget around a state ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "shape"),
    [("(3, 1)", (3, 1)), ("3 1", (3, 1)), ("3x1", (3, 1)), ("()", ()), ("(4,)", (4,)), (" 28 × 28 ", (28, 28))],
)
def test_shapes_are_read_as_written(text, shape):
    assert parse_shape(text) == shape


@pytest.mark.parametrize("text", ["-1", "3.5", "a", "1,1,1,1,1,1", "9999999 9999999", "__import__('os')", "(3, 1"])
def test_what_is_no_shape_is_refused(text):
    if text == "(3, 1":
        assert parse_shape(text) == (3, 1)  # half-typed brackets are fine while typing
    else:
        with pytest.raises(ValueError, match="."):
            parse_shape(text)


def test_an_index_is_read_as_numpy_reads_it():
    assert parse_index("10:100") == slice(10, 100)
    assert parse_index("") == slice(None)
    assert parse_index(" -3 ") == -3
    assert parse_index("[0, 2]") == [0, 2]


@pytest.mark.parametrize(
    "make", [broadcasting, element_wise, matrix_product, reshape, lambda: slicer(np.zeros((2, 3, 4), np.uint8))]
)
def test_the_widget_answers_messages(make):
    widget = make()
    assert isinstance(widget, Explorer)
    before = widget.view
    first = before["controls"][0]
    value = {"select": "x * y", "range": 4}.get(first["kind"], "2")
    widget._receive(widget, {"name": first["name"], "value": value}, [])
    assert widget.view != before
    for nonsense in (
        None,
        3,
        {},
        {"name": 7},
        {"name": "view"},
        {"name": "pick", "value": "nonsense"},
        {"name": "__init__"},
    ):
        widget._receive(widget, nonsense, [])
    bundle = widget._repr_mimebundle_()[0]
    assert "run this cell" in bundle["text/plain"]
    assert "<p>" in bundle["text/html"]
    widget.close()


def test_a_slicer_needs_three_axes():
    with pytest.raises(ValueError, match="three axes"):
        slicer(np.zeros((2, 3)))


def test_words_from_the_reader_never_become_markup():
    widget = broadcasting()
    widget.view = {"blocks": [{"kind": "text", "style": "say", "text": "<img onerror=alert(1)>"}]}
    assert "<img" not in widget._repr_mimebundle_()[0]["text/html"]


class Slow(State):
    """A state that takes a while to look at: `number` is read at the start."""

    def __init__(self):
        super().__init__()
        self.number, self.looked, self.go_on = 1, threading.Event(), threading.Event()

    def view(self):
        number = self.number
        if number == 1:
            self.looked.set()
            self.go_on.wait(5)
        return {"controls": [], "blocks": [], "number": number}


def test_a_view_that_took_long_does_not_replace_a_newer_one():
    state = Slow()
    state.go_on.set()
    explorer = Explorer(state, "slow")
    state.looked.clear()
    state.go_on.clear()
    slow, fast = threading.Thread(target=explorer._show), threading.Thread(target=explorer._show)
    slow.start()
    state.looked.wait(5)
    state.number = 2  # as a training thread does
    fast.start()
    fast.join(0.2)
    state.go_on.set()
    slow.join()
    fast.join()
    assert explorer.view["number"] == 2
    assert explorer.view["answers"] == 3
