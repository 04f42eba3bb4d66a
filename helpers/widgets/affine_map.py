"""Explorer: what an affine map x @ W + b, and relu after it, do to the plane."""

import functools
import gzip

import numpy as np

from helpers import kernels
from helpers.datasets import mnist
from helpers.widgets.base import Explorer, State, cell, grid, row, text
from helpers.widgets.drawing import arrow, handle, line, plot, points, quads, words
from helpers.widgets.parse import parse_number

BOX = (-4, 4, -3, 3)
LARGEST = 9.99  # of all entries of W and b
POINT = np.array([1.0, 1.0])  # the one that is computed step by step
OWN = "your own"
PRESETS = {  # W, whose rows are the images of (1, 0) and (0, 1), and b
    "identity": (np.eye(2), (0, 0)),
    "rotation by 30°": ([[np.sqrt(3) / 2, 0.5], [-0.5, np.sqrt(3) / 2]], (0, 0)),
    "scaling": ([[1.5, 0], [0, 0.5]], (0, 0)),
    "shear": ([[1, 0], [1, 1]], (0, 0)),
    "reflection": ([[-1, 0], [0, 1]], (0, 0)),
    "collapse": ([[1, 0.5], [-1.4, -0.7]], (0, 0)),
    "translation": (np.eye(2), (1.5, 0.5)),
}
LETTER = np.array([[1, 1, 1, 1], [1, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0]], "uint8") * 255
BOARD = np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]], "uint8") * 160
PICTURES = {"letter F": (LETTER, 0.5), "grid of squares": (BOARD, 1.0), "digit": (None, 0.1)}  # ink, length of a pixel


class AffineMapState(State):
    """W, b and a picture; `map` takes places (…, 2) to where they go."""

    def __init__(self, W=((1, 0.5), (-0.5, 1)), b=(0, 0), picture="letter F", relu=False, digit=None):
        super().__init__()
        self.W, self.b = np.array(W, float), np.array(b, float)
        if self.W.shape != (2, 2) or self.b.shape != (2,):
            raise ValueError(f"W and b must have shapes (2, 2) and (2,), but got {self.W.shape} and {self.b.shape}")
        if digit is not None and np.ndim(digit) != 2:
            raise ValueError(f"a digit must be one picture, (rows, columns), but got {np.shape(digit)}")
        self.preset, self.digit = OWN, digit
        self.set_picture(picture)
        self.set_relu(relu)

    # ── what the reader does ──

    def apply(self, name, value):
        """Besides the usual: a message named "W:0,1" types a number over W[0, 1], "b:1" over b[1]."""
        self.errors.clear()  # what was wrong with the last message is over
        array, _, place = name.partition(":")
        if array not in ("W", "b") or not place:
            return super().apply(name, value)
        index = tuple(int(n) for n in place.split(","))
        target = getattr(self, array)
        if len(index) != target.ndim or not all(0 <= i < 2 for i in index):
            raise ValueError(f"there is no {written(name)}")
        target[index] = parse_number(written(name), value, LARGEST)
        self.preset = OWN

    def set_basis1(self, value):
        self.W[0] = rounded(parse_place(value) - self.b)
        self.preset = OWN

    def set_basis2(self, value):
        self.W[1] = rounded(parse_place(value) - self.b)
        self.preset = OWN

    def set_translation(self, value):
        self.b[:] = rounded(parse_place(value))
        self.preset = OWN

    def set_preset(self, value):
        if value not in (*PRESETS, OWN):
            raise ValueError(f"unknown map {value!r}")
        self.preset = value
        if value != OWN:
            self.W, self.b = (np.array(numbers, float) for numbers in PRESETS[value])

    def set_picture(self, value):
        if value not in PICTURES:
            raise ValueError(f"unknown picture {value!r}")
        self.picture = value

    def set_relu(self, value):
        if not isinstance(value, bool):
            raise ValueError("relu is on or off")
        self.relu = value

    # ── the mathematics ──

    def map(self, x):
        """Where places (…, 2) go."""
        z = kernels.affine(x, self.W, self.b)
        return kernels.relu(z) if self.relu else z

    @property
    def determinant(self):
        return self.W[0, 0] * self.W[1, 1] - self.W[0, 1] * self.W[1, 0]

    @property
    def ink(self):
        """The picture that is chosen: uint8 (rows, columns), 0 is paper, and the length of a pixel's side."""
        ink, side = PICTURES[self.picture]
        if ink is None:
            ink = first_digit() if self.digit is None else np.asarray(self.digit, "uint8")
        return ink, side

    def folded(self):
        """What relu changes: the share of the picture's ink with any coordinate below 0, and that with both."""
        ink, side = fine(*self.ink)
        edges = corners(ink.shape, side)
        below = kernels.affine((edges[1:, 1:] + edges[:-1, :-1]) / 2, self.W, self.b) < -1e-9  # at the pixels' centres
        weights = ink / max(1, ink.sum())
        return float(weights[below.any(axis=-1)].sum()), float(weights[below.all(axis=-1)].sum())

    # ── in words ──

    def areas(self):
        """What the determinant says."""
        (a, b), (c, d) = [[factor(n) for n in entries] for entries in self.W]
        start = f"det W = {a}·{d} - {b}·{c} = {show(self.determinant)}: "
        if abs(self.determinant) < 1e-9:
            rest = "line" if self.W.any() else "point"
            return f"{start}collapsed. The plane becomes a {rest}; from there is no way back."
        size = abs(self.determinant)
        turned = ", and turned over, as in a mirror" if self.determinant < 0 else ""
        return f"{start}areas × {size:{'.2f' if size >= 0.1 else '.2g'}}{turned}."

    def fold(self):
        """What relu does to the picture."""
        some, all_ = self.folded()
        return (
            f"relu folds what is below 0 onto the axes: {some:.0%} of the picture is changed, {all_:.0%} of it ends in "
            "the one point (0, 0). What is folded has no area left, and there is no way back; det W speaks of the rest. "
            "The arrows still show x @ W + b, before relu."
        )

    def expression(self):
        """One point, computed."""
        z = kernels.affine(POINT, self.W, self.b)
        matrix = f"[{', '.join(map(bracket, self.W))}]"
        code = f"{bracket(POINT)} @ {matrix} + {bracket(self.b)}"
        if self.relu:
            return f"relu({code}) = relu({bracket(z)}) = {bracket(self.map(POINT))}"
        return f"{code} = {bracket(z)}"

    # ── what is seen ──

    def view(self):
        controls = [
            self.control("preset", "map", self.preset, kind="select", choices=[*PRESETS, OWN]),
            self.control("picture", "picture", self.picture, kind="select", choices=list(PICTURES)),
            self.control("relu", "then relu", self.relu, kind="check"),
        ]
        named = {control["name"] for control in controls}  # these show their errors themselves
        warnings = [text(error, "warn") for name, error in self.errors.items() if name not in named]
        sentences = [text(self.areas()), *([text(self.fold())] if self.relu else [])]
        return {
            "controls": controls,
            "blocks": [row(self.plot(), self.table()), *warnings, *sentences, text(self.expression(), "code")],
        }

    def table(self):
        """W and b as numbers to type over."""
        rows = [
            ("(1, 0) → W[0]", "W:0,0", "W:0,1"),
            ("(0, 1) → W[1]", "W:1,0", "W:1,1"),
            ("(0, 0) → b", "b:0", "b:1"),
        ]
        numbers = np.vstack([self.W, self.b])
        cells = [
            [cell(head, "head"), *(cell(show(n), edit=name) | {"label": written(name)} for n, name in zip(line, names))]
            for line, (head, *names) in zip(numbers, rows)
        ]
        return grid("Drag the circles, or type", cells)

    def plot(self):
        origin, *tips = self.b, self.W[0] + self.b, self.W[1] + self.b
        ink, side = fine(*self.ink)
        before, length = self.ink
        name = "relu(x @ W + b)" if self.relu else "x @ W + b"
        marks = [
            quads(corners(before.shape, length), before // 6),
            line(strokes(lattice(2)), "pale", width=1),
            line(strokes(self.map(lattice(121))), "blue", width=1.3),
            quads(self.map(corners(ink.shape, side)), ink * 0.6),  # so that arrows stand out from it
            arrow([(0, 0), origin], "purple"),
            *(arrow([origin, tip], color) for tip, color in zip(tips, ("vermilion", "green"))),
            points([self.map(POINT)], ["ink"], ["diamond"], size=6),
            label(self.map(POINT), "(1, 1)", "ink", up=-0.4),
            *(label(tip, name, color) for tip, name, color in zip(tips, ("(1, 0)", "(0, 1)"), ("vermilion", "green"))),
            label(origin, "b", "purple"),
        ]
        goes = " and ".join(f"{start} goes to {pair(tip)}" for start, tip in zip(("(1, 0)", "(0, 1)"), tips))
        return plot(
            f"x ↦ {name}: before (pale), after (blue)",
            f"The plane's grid and the picture {self.picture!r} before and after {name}. Before relu, {goes}, "
            f"the origin to {pair(origin)}. {self.areas()}",
            marks,
            BOX,
            size=(474, 360),  # so that both axes have one scale
            handles=[
                handle("translation", inside(origin), "where the origin goes: b", "purple"),
                handle("basis1", inside(tips[0]), "where (1, 0) goes: W[0] + b", "vermilion"),
                handle("basis2", inside(tips[1]), "where (0, 1) goes: W[1] + b", "green"),
            ],
        )


# ── pictures and grids ──


@functools.cache
def first_digit():
    """The first training picture of MNIST. Read alone: the whole data set takes a second."""
    with gzip.open(mnist.DATA_FOLDER / "train-images-idx3-ubyte.gz") as file:
        return np.frombuffer(file.read(16 + 28 * 28)[16:], "uint8").reshape(28, 28)  # 16 bytes of header


def fine(ink, side):
    """The same picture in about 28 rows of small pixels, so that relu can bend it within a large one."""
    parts = max(1, 28 // len(ink))
    return np.kron(ink, np.ones((parts, parts), "uint8")), side / parts


def corners(shape, side):
    """Corners of the pixels of a picture around the origin, row 0 on top: (rows + 1, columns + 1, 2)."""
    rows, columns = shape
    x, y = np.arange(columns + 1) - columns / 2, rows / 2 - np.arange(rows + 1)
    return side * np.stack(np.meshgrid(x, y), axis=-1)


@functools.cache
def lattice(n):
    """The lines x = -3 … 3 and y = -2 … 2, with n points each: (12, n, 2)."""
    along = np.linspace(-1, 1, n)
    upright = [np.stack([np.full(n, x), 2 * along], axis=-1) for x in range(-3, 4)]
    level = [np.stack([3 * along, np.full(n, y)], axis=-1) for y in range(-2, 3)]
    return np.array(upright + level, float)


def strokes(lines):
    """Many lines (m, n, 2) as one, the pen lifted after each."""
    return np.pad(lines, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan).reshape(-1, 2)


def label(at, name, color, up=0.12):
    """Words beside a place, clear of its handle, and inside of the plot."""
    x, y = inside(at)
    return words([(min(x + 0.3, 3.2), np.clip(y + up, -2.9, 2.7))], name, color)


def inside(at):
    return np.clip(at, BOX[::2], BOX[1::2])


# ── numbers, read and written ──


def parse_place(value):
    """A place [x, y] that something was dragged to."""
    plain = isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(n, (int, float)) for n in value)
    if not plain or not all(abs(n) <= LARGEST for n in value):  # written so that nan is refused, too
        raise ValueError(f"a place is two numbers from -{LARGEST} to {LARGEST}")
    return np.array(value, float)


def rounded(entries):
    """Two decimals, so that the numbers shown are those that are used."""
    if (abs(entries) > LARGEST).any():
        raise ValueError(f"too far: the entries of W and b go from -{LARGEST} to {LARGEST}")
    return np.round(entries, 2)


def written(name):
    """ "W:0,1" as NumPy writes it: "W[0, 1]"."""
    array, place = name.split(":")
    return f"{array}[{place.replace(',', ', ')}]"


def show(number):
    return f"{number + 0.0:.4g}"  # + 0.0 makes 0 of -0.0


def factor(number):
    return f"({show(number)})" if number < 0 else show(number)


def bracket(numbers):
    return f"[{', '.join(map(show, numbers))}]"


def pair(numbers):
    return f"({', '.join(map(show, numbers))})"


def affine_map(W=((1, 0.5), (-0.5, 1)), b=(0, 0), picture="letter F", relu=False, digit=None):
    """Show the explorer: drag where (1, 0), (0, 1) and the origin go. digit: a picture, uint8; by default MNIST's first."""
    return Explorer(AffineMapState(W, b, picture, relu, digit), "Affine map explorer")
