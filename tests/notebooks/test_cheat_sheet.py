"""The cheat sheet: each row is computed, and the printable page is made from the notebook."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import kernels
from helpers.optimizers import SGD, Adagrad, Adam, RMSprop

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import cheat_sheet


def rows(heading):
    """The rows of the table under a heading, as lists of cells."""
    part = cheat_sheet.section().split(f"**{heading}")[1].split("\n\n")[1]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines()]
    return [[cell.strip("| ") for cell in row] for row in cells[2:]]


def code(cell):
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", rows("Shapes"), ids=lambda row: row[0])
def test_shapes(row):
    scope = {"np": np, "x": np.zeros((128, 28, 28)), "v": np.zeros((784, 10))}
    assert str(eval(code(row[0])[0], scope).shape) == row[1]


rng = np.random.default_rng(0)
SCOPE = {"np": np, "n": 5, "x": rng.normal(size=(5, 4)), "W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}
SCOPE |= {"z": rng.normal(size=(5, 3)), "dz": rng.normal(size=(5, 3)), "da": rng.normal(size=(5, 3))}
SCOPE |= {"y_true": np.eye(3)[[0, 2, 1, 1, 0]], "y_pred": kernels.softmax(rng.normal(size=(5, 3)))}


def value(source, **more):
    return eval(source, SCOPE | more)


def test_affine():
    (_, _, forward, backward), *_ = rows("A layer")
    assert np.allclose(value(code(forward)[0]), kernels.affine(SCOPE["x"], SCOPE["W"], SCOPE["b"]))
    dx, dW, db = kernels.affine_backward(SCOPE["dz"], SCOPE["x"], SCOPE["W"])
    for source, right in zip(code(backward), (dW, db, dx), strict=True):
        assert np.allclose(value(source), right)


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softmax"])
def test_activations(name):
    (row,) = (row for row in rows("A layer") if row[0] == name)
    a = value(code(row[2])[0])
    assert np.allclose(a, getattr(kernels, name)(SCOPE["z"]))
    if name != "softmax":
        right = getattr(kernels, f"{name}_backward")(SCOPE["da"], a)
        assert np.allclose(value(code(row[3])[0], a=a), right)


def test_losses():
    cross_entropy, squared = rows("Losses")
    y_true, y_pred = SCOPE["y_true"], SCOPE["y_pred"]
    assert np.isclose(value(code(cross_entropy[2])[0]), kernels.categorical_crossentropy(y_true, y_pred).mean())
    right = kernels.softmax_cross_entropy_backward(y_true, y_pred)
    assert np.allclose(value(code(cross_entropy[3])[0]), right)
    assert np.isclose(value(code(squared[2])[0]), kernels.mean_squared_error(y_true, y_pred).mean())
    assert np.allclose(value(code(squared[3])[0]), kernels.mean_squared_error_backward(y_true, y_pred))


# What the formulas say, in NumPy: whoever changes a formula on the sheet changes it here, and it is computed again.
MEMORY = {
    "none": lambda o, g: None,
    r"$v \leftarrow \mu\, v - \eta\, g$": lambda o, g: o.update(v=0.9 * o["v"] - 0.1 * g),
    r"$s \leftarrow s + g^2$": lambda o, g: o.update(s=o["s"] + g**2),
    r"$s \leftarrow \rho\, s + (1 - \rho)\, g^2$": lambda o, g: o.update(s=0.9 * o["s"] + 0.1 * g**2),
    r"$m \leftarrow \beta_1 m + (1 - \beta_1)\, g$ and $s \leftarrow \beta_2 s + (1 - \beta_2)\, g^2$": lambda o, g: (
        o.update(m=0.9 * o["m"] + 0.1 * g, s=0.999 * o["s"] + 0.001 * g**2)
    ),
}
STEPS = {
    r"$w \leftarrow w - \eta\, g$": lambda o, g, t: -0.1 * g,
    r"$w \leftarrow w + v$": lambda o, g, t: o["v"],
    r"$w \leftarrow w + \mu\, v - \eta\, g$": lambda o, g, t: 0.9 * o["v"] - 0.1 * g,
    r"$w \leftarrow w - \eta\, g / \sqrt{s + \varepsilon}$": lambda o, g, t: -0.1 * g / np.sqrt(o["s"] + 1e-7),
    r"$w \leftarrow w - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}\, m / (\sqrt{s} + \varepsilon)$": (
        lambda o, g, t: -0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * o["m"] / (np.sqrt(o["s"]) + 1e-7)
    ),
}
OPTIMIZERS = {
    "SGD": SGD(0.1),
    "momentum": SGD(0.1, momentum=0.9),
    "Nesterov": SGD(0.1, momentum=0.9, nesterov=True),
    "AdaGrad": Adagrad(0.1),
    "RMSprop": RMSprop(0.1),
    "Adam": Adam(0.1),
}


@pytest.mark.parametrize("row", rows("Optimizers"), ids=lambda row: row[0])
def test_optimizers(row):
    name, memory, step = row
    ours, theirs = np.array([1.0, -2.0]), np.array([1.0, -2.0])
    o = {"v": 0.0, "m": 0.0, "s": 0.1 if name == "AdaGrad" else 0.0}
    for t in range(1, 8):
        g = np.array([0.3 * t, -1.0 / t])
        MEMORY[memory](o, g)
        ours += STEPS[step](o, g, t)
        OPTIMIZERS[name].apply([g], [theirs])
    assert np.allclose(ours, theirs, rtol=1e-9)


def test_the_printable_page_is_made_from_the_notebook():
    assert cheat_sheet.PRINTABLE.read_text(encoding="utf-8") == cheat_sheet.page(), "run `make cheat-sheet`"


def test_the_printable_page_needs_nothing_else():
    page = cheat_sheet.page()
    assert not re.search(r"https?://(?!www\.w3\.org)|<script|<link|src=|\$|FORMULA", page)
    assert page.count("<math") > 15
