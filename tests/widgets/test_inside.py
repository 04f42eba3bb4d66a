"""Inside a network, and its mistakes, without a browser: NumPy itself says what is right."""

import json
import re

import numpy as np
import pytest

from helpers import layers, models
from helpers.datasets import mnist
from helpers.utils import set_random_seed, to_categorical
from helpers.widgets.drawing import pack
from helpers.widgets.look_inside import SHOWN, LookInsideState, coloured, look_inside, thousandths
from helpers.widgets.mistakes import MOST, MistakesState, mistakes
from helpers.widgets.still import still

VERMILION, BLUE, WHITE = (213, 94, 0), (0, 114, 178), (255, 255, 255)
NONSENSE = [None, True, -1, 1.5, "x", "1.5", "-1", "9" * 12, [], [1], {}, 10**9, float("nan"), "__import__('os')"]


@pytest.fixture(scope="module")
def digits():
    """1200 digits that were never trained on, and their labels."""
    images, labels = mnist.load_data()[1]
    return images[:1200], labels[:1200]


def network_of(*hidden, **options):
    """A network, a little trained: hardly more than half of the digits are read right. hidden: layers before the last."""
    set_random_seed(0)
    network = models.Sequential([layers.Input((784,), **options), *hidden, layers.Dense(10, "softmax")])
    network.compile("rmsprop", "categorical_crossentropy")
    (images, labels), _ = mnist.load_data()
    network.fit(images[:600].reshape(-1, 784) / 255, to_categorical(labels[:600], 10), batch_size=64, verbose=0)
    return network


@pytest.fixture(scope="module")
def network():
    return network_of(layers.Dense(40, "relu"), layers.Dense(33, "tanh"))


def seen(state):
    """All that the page gets to know, as one text."""
    return json.dumps(pack(state.view()))


def blocks(view, kind):
    """The view's blocks of one kind, those within rows too."""
    inner = [b for block in view["blocks"] for b in (block["blocks"] if block["kind"] == "row" else [block])]
    return [b for b in inner if b["kind"] == kind]


# ── look inside ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("i", [0, 7, 1199])
def test_activations_are_the_networks(network, digits, i):
    state = LookInsideState(network, *digits)
    state.handle("picture", i)
    x = digits[0][i : i + 1].reshape(1, 784) / 255
    expected = network.activations(x)
    assert len(state.activations()) == 3
    for a, right in zip(state.activations(), expected):
        assert np.array_equal(a, right[0])
    view = state.view()
    (bars,) = blocks(view, "bars")
    assert np.array_equal(bars["values"], network(x)[0].astype(float))
    assert bars["best"] == network(x)[0].argmax()
    assert f"is a {digits[1][i]}. The network reads {bars['best']}, sure to" in state.answer()
    assert state.answer().endswith("right." if bars["best"] == digits[1][i] else "wrong.")
    shown, first, second = blocks(view, "pictures")[:3]
    assert np.array_equal(255 - shown["images"][0], digits[0][i])
    a = expected[0][0]
    strip = first["images"].reshape(-1, 3)
    assert first["images"].shape == (1, 2, 32, 3)
    assert np.array_equal((strip[:40] == WHITE).all(1), a < a.max() / 1000)  # not quite 0 may look white too
    assert (strip[np.argmax(a)] == VERMILION).all()
    assert (strip[40:] == strip[-1]).all()
    assert (strip[-1] != WHITE).any()
    assert f"{100 * np.mean(a == 0):.0f} % of 40 units are 0" in first["captions"][0]
    assert f"largest: {a.max():.2f}" in first["captions"][0]
    assert "layer 2" in second["title"]
    assert "tanh" in second["title"]


@pytest.mark.parametrize("i", range(0, 40, 5))
def test_the_most_active_units_come_first_and_can_be_picked(network, digits, i):
    state = LookInsideState(network, *digits)
    state.handle("picture", i)
    a = state.activations()[0]
    units = state.strongest()
    assert len(set(units)) == SHOWN
    assert np.array_equal(a[units], np.sort(a)[::-1][:SHOWN])
    assert state.unit == a.argmax()
    pictures = blocks(state.view(), "pictures")[3]
    assert pictures["captions"] == [f"unit {j}:\na = {a[j]:.1f}" for j in units]
    assert pictures["chosen"] == 0
    W = network.get_weights()[0]
    for image, j in zip(pictures["images"], units):
        strong = np.abs(W[:, j]) > np.abs(W[:, j]).max() / 100
        redder = image[..., 0].ravel().astype(int) > image[..., 2].ravel()
        assert np.array_equal(redder[strong], W[strong, j] > 0)
    state.handle(pictures["pick"], 5)
    assert state.unit == units[5]
    assert blocks(state.view(), "pictures")[3]["chosen"] == 5
    state.handle("picture", i + 1)
    assert state.unit == units[5]  # what the reader chose stays
    state.handle("unit", "")
    assert state.unit == state.strongest()[0]


HIDDEN = {
    "relu": lambda: [layers.Dense(40, "relu")],
    "tanh": lambda: [layers.Dense(20, "tanh")],
    "sigmoid without bias": lambda: [layers.Dense(5, "sigmoid", use_bias=False)],
    "none": lambda: [],
}


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_contributions_add_up(hidden, dtype, digits):
    network = network_of(*HIDDEN[hidden](), dtype=dtype)
    first = network.layers[0]
    state = LookInsideState(network, *digits)
    for i in range(12):
        state.handle("number", str(i))
        state.handle("unit", str((3 * i) % first.units))
        j = state.unit
        above, below, bias, z, a = state.sums()
        products = state.products()
        x = digits[0][i].reshape(784) / 255
        assert products == pytest.approx(x * first.params["W"][:, j], abs=1e-6)
        assert above == pytest.approx(np.maximum(products, 0).sum(), abs=1e-5)
        assert above + below + bias == pytest.approx(z, abs=1e-5)
        assert products.sum() + bias == pytest.approx(z, abs=1e-5)
        assert a == network.activations(x[None])[0][0, j]
        # The line as it stands there: exactly right, by itself.
        line, last = state.calculation().split("\n")
        terms, z_shown = re.search(r"= ([-+. \d]+) = (-?\d+\.\d{3})$", line).groups()
        assert sum(float(n.replace(" ", "")) for n in re.findall(r"(?:[-+] )?\d+\.\d+", terms)) == pytest.approx(
            float(z_shown), abs=1e-9
        )
        assert f"{z:.3f}" == z_shown or float(z_shown) == 0
        assert last.endswith(f"= {a:.3f}")
        assert f"b[{j}]" in line
        assert "softmax(z)" in last if hidden == "none" else f"({z_shown})" in last
        parts = blocks(state.view(), "pictures")[-1]
        assert np.array_equal(
            parts["images"][2].reshape(-1, 3) == WHITE, coloured(products, abs(products).max()) == 255
        )


@pytest.mark.parametrize("seed", range(300))
def test_what_is_shown_adds_up(seed):
    numbers = np.random.default_rng(seed).normal(scale=10.0 ** (seed % 5 - 3), size=3)
    *parts, total = thousandths([*numbers, numbers.sum()])
    assert sum(parts) == pytest.approx(total, abs=1e-12)
    assert total == pytest.approx(numbers.sum(), abs=0.000501)
    assert parts == pytest.approx(numbers, abs=0.001)


def test_colours():
    numbers = np.array([2.0, -2, 0, 1, -1, 7])
    colours = coloured(numbers, 2)
    assert [tuple(c) for c in colours[:3]] == [VERMILION, BLUE, WHITE]
    assert [tuple(c) for c in colours[3:5]] == [(234, 174, 128), (128, 184, 216)]
    assert tuple(colours[5]) == VERMILION
    assert (coloured(np.zeros(3), 0.0) == 255).all()


def test_floats_and_bytes_look_alike(network, digits):
    images, labels = digits
    floats = (images.reshape(-1, 784) / 255).astype("float32")
    assert seen(LookInsideState(network, images, labels)) == seen(LookInsideState(network, floats, labels))
    assert seen(MistakesState(network, images, labels)) == seen(MistakesState(network, floats, labels))


@pytest.mark.parametrize("name", ["picture", "number", "unit", "strongest", "pick", "surest", "view", "__init__"])
def test_nonsense_changes_nothing(network, digits, name):
    for state in (LookInsideState(network, *digits), MistakesState(network, *digits)):
        looked_at = (lambda: (state.picture, state.unit)) if hasattr(state, "unit") else (lambda: state.picked)  # noqa: B023
        before = looked_at()
        for value in [*NONSENSE, len(digits[0]), 40, [0, 10], [-1, 0], "45", [[1], [2]], [True, 1]]:
            if isinstance(state, LookInsideState) and name in ("picture", "number") and value in (40, "45"):
                continue  # a picture
            state.handle(name, value)
            assert looked_at() == before, value
            seen(state)


def test_a_mistyped_number_is_explained_until_something_else_is_chosen(network, digits):
    state = LookInsideState(network, *digits)
    state.handle("number", "12x")
    state.handle("unit", "40")
    errors = {c["name"]: (c["value"], c["error"]) for c in state.view()["controls"]}
    assert errors["number"] == ("12x", "a whole number from 0 to 1199, please")
    assert errors["unit"] == ("40", "a whole number from 0 to 39, please")
    state.handle("picture", 3)
    state.handle("strongest", 2)
    assert not state.errors
    assert [c["value"] for c in state.view()["controls"]] == [3, "3", str(state.strongest()[2])]


# ── mistakes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_confusion_matrix_is_a_plain_count(network, digits):
    images, labels = digits
    state = MistakesState(network, images, labels)
    answers = [int(network(image.reshape(1, 784) / 255).argmax()) for image in images]
    expected = np.zeros((10, 10), int)
    for label, answer in zip(labels, answers):
        expected[label, answer] += 1
    assert np.array_equal(state.confusion, expected)
    assert state.confusion.sum() == 1200
    right = sum(label == answer for label, answer in zip(labels, answers))
    assert state.sentence() == (
        f"The network reads {right:,} of 1,200 pictures right, {right / 12:.2f} %, and {1200 - right} wrong."
    )
    (grid,) = blocks(state.view(), "grid")
    cells = [line[1:] for line in grid["cells"][1:]]
    assert [[int(c["text"]) for c in line] for line in cells] == expected.tolist()
    assert [[c["pick"] for c in line] for line in cells] == [[[t, p] for p in range(10)] for t in range(10)]
    wrong = expected - np.diag(np.diag(expected))
    for (t, p), n in np.ndenumerate(expected):
        assert cells[t][p]["label"] == f"true {t}, read as {p}: {n} picture{'' if n == 1 else 's'}"
        share = 3 * n / wrong.max()
        assert cells[t][p]["mark"] == ("result" if t == p else "dim" if n == 0 else f"heat{int(np.ceil(share))}")
        assert cells[t][p]["pressed"] == "false"


def test_the_surest_mistakes_come_first(network, digits):
    images, labels = digits
    state = MistakesState(network, images, labels)
    y_pred = network.predict(images.reshape(-1, 784) / 255, batch_size=1200)
    found = state.found()
    assert set(found) == set(np.flatnonzero(y_pred.argmax(axis=1) != labels))
    assert (np.diff(y_pred.max(axis=1)[found]) <= 1e-6).all()
    (gallery,) = blocks(state.view(), "pictures")
    assert gallery["title"].startswith(f"The {MOST} surest of {len(found)} mistakes")
    assert np.array_equal(255 - gallery["images"], images[found[:MOST]])
    for i, caption in zip(found, gallery["captions"]):
        p = y_pred[i]
        assert caption == f"{labels[i]} read as {p.argmax()},\n{100 * p.max():.0f} %\nno. {i}"


def test_each_cell_shows_its_pictures(network, digits):
    images, labels = digits
    state = MistakesState(network, images, labels)
    kinds = set()
    for (t, p), n in np.ndenumerate(state.confusion):
        state.handle("pick", [t, p])
        found = state.found()
        assert len(found) == n
        assert (labels[found] == t).all()
        assert (state.read[found] == p).all()
        assert (np.diff(state.sure[found]) <= 0).all()
        view = state.view()
        (grid,) = blocks(view, "grid")
        pressed = [c["pick"] for line in grid["cells"] for c in line if c.get("pressed") == "true"]
        assert pressed == [[t, p]]
        assert grid["cells"][t + 1][p + 1]["mark"] == "picked"
        galleries = blocks(view, "pictures")
        kinds.add(int(n > 0) + int(n > MOST))
        if n == 0:
            assert not galleries
            assert view["blocks"][-1]["text"] == f"There are no pictures of a {t} read as {p}."
        else:
            assert np.array_equal(255 - galleries[0]["images"], images[found[:MOST]])
            assert galleries[0]["captions"][0] == f"{p}, {100 * state.sure[found[0]]:.0f} %\nno. {found[0]}"
            how_many = f"All {n} " if n <= MOST else f"The {MOST} surest of {n} "
            assert galleries[0]["title"].startswith(f"{how_many}pictures of a {t} read as {p}")
    assert kinds == {0, 1, 2}
    state.handle("surest", True)
    assert state.picked is None


def test_without_mistakes(network, digits):
    images, labels = digits
    right = network.predict(images.reshape(-1, 784) / 255, batch_size=1200).argmax(axis=1) == labels
    state = MistakesState(network, images[right], labels[right])
    assert state.view()["blocks"][-1]["text"] == "There are no mistakes."
    assert "100.00 %, and 0 wrong" in state.sentence()


# ── both ────────────────────────────────────────────────────────────────────────────────────────────────────────────

IMAGES, LABELS = np.zeros((3, 28, 28), "uint8"), np.arange(3)
WRONG_DATA = {
    "images must be uint8": [
        (IMAGES[:, :, :27], LABELS),
        (IMAGES / 255, LABELS),
        (IMAGES.reshape(3, 784), LABELS),
        (IMAGES[:0], LABELS[:0]),
        (IMAGES[0], LABELS),
        (None, LABELS),
    ],
    "numbers from 0 to 1": [
        (np.full((3, 784), 255.0), LABELS),
        (np.full((3, 784), np.nan), LABELS),
        (np.full((3, 784), -0.1), LABELS),
    ],
    "3 whole numbers": [
        (IMAGES, LABELS[:2]),
        (IMAGES, np.eye(10)[:3]),
        (IMAGES, LABELS / 1),
        (IMAGES, np.eye(3, dtype=int)),
    ],
    "digits from 0 to 9": [(IMAGES, LABELS + 8), (IMAGES, LABELS - 1)],
}
WRONG_NETWORKS = {
    "no weights yet": lambda: models.Sequential([layers.Dense(10, "softmax")]),
    "made of Dense layers": lambda: network_of(layers.Dense(784), layers.Flatten()),
    "softmax over 10": lambda: models.Sequential([layers.Input((784,)), layers.Dense(10)]),
    "from 784 pixels": lambda: models.Sequential([layers.Input((2,)), layers.Dense(10, "softmax")]),
    "to a softmax": lambda: models.Sequential([layers.Input((784,)), layers.Dense(2, "softmax")]),
}


@pytest.mark.parametrize("make", [look_inside, mistakes])
@pytest.mark.parametrize("message", WRONG_DATA)
def test_data_of_the_wrong_kind_is_refused(network, make, message):
    for images, labels in WRONG_DATA[message]:
        with pytest.raises(ValueError, match=message):
            make(network, images, labels)


@pytest.mark.parametrize("make", [look_inside, mistakes])
@pytest.mark.parametrize("message", WRONG_NETWORKS)
def test_networks_of_the_wrong_kind_are_refused(make, message):
    network = WRONG_NETWORKS[message]()
    if message != "no weights yet":
        network.build()
    with pytest.raises(ValueError, match=message):
        make(network, IMAGES, LABELS)


@pytest.mark.parametrize(("make", "message"), [(look_inside, ["picture", 4]), (mistakes, ["pick", [4, 9]])])
def test_the_widget_answers_and_has_a_still_view(network, digits, make, message):
    widget = make(network, *digits)
    before = widget.view["blocks"]
    widget._receive(widget, {"name": message[0], "value": message[1]}, [])
    assert widget.view["blocks"] != before
    assert len(json.dumps(widget.view)) < 80_000
    page = still(widget.state.view())
    assert page.count("<img") >= 5
    assert not re.search(r"\bnan\b", re.sub(r"base64,[\w+/=]+", "", page))
    assert "run this cell" in widget._repr_mimebundle_()[0]["text/html"]
    widget.close()
