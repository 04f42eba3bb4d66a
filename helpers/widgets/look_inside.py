"""Explorer: inside a trained network, from the pixels of one digit to the ten probabilities."""

import re

import numpy as np

from helpers.layers import Dense
from helpers.widgets.base import Explorer, State, row, text
from helpers.widgets.drawing import bars, pictures

VERMILION, BLUE = (213, 94, 0), (0, 114, 178)
PADDING = 205  # grey: no number stands here, not even 0
SHOWN = 8  # units, as many as fit side by side
COLUMNS = 32  # of the strip that shows a layer


# ── digits and networks, for this explorer and `mistakes` ───────────────────────────────────────────────────────────


def checked(network, images, labels):
    """Images and labels as arrays, once they and the network are known to fit together.

    network: a built Sequential of Dense layers, from 784 pixels to a softmax over 10 digits. images: uint8 (n, 28, 28),
    0 paper and 255 ink, or floats (n, 784) from 0 to 1. labels: whole numbers (n,) from 0 to 9. Raises ValueError.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    layers = network.layers
    if not layers or not network.built:
        raise ValueError("the network has no weights yet: train it first")
    if not all(isinstance(layer, Dense) for layer in layers):
        raise ValueError(f"the network must be made of Dense layers, but has {[type(la).__name__ for la in layers]}")
    if layers[0].input_shape != (784,) or layers[-1].units != 10 or layers[-1].activation != "softmax":
        raise ValueError("the network must lead from 784 pixels to a softmax over 10 digits")
    whole_pixels = images.dtype == np.uint8 and images.shape[1:] == (28, 28)
    shares = images.dtype.kind == "f" and images.ndim == 2 and images.shape[1] == 784
    if not (whole_pixels or shares) or len(images) == 0:
        raise ValueError(f"images must be uint8 (n, 28, 28) or floats (n, 784), but are {images.dtype} {images.shape}")
    if shares and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError("images (n, 784) must hold numbers from 0 to 1: divide the pixels by 255")
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise ValueError(
            f"labels must be {len(images)} whole numbers, one for each image, but are {labels.dtype} {labels.shape}"
        )
    if labels.min() < 0 or labels.max() > 9:
        raise ValueError(f"labels must be digits from 0 to 9, but go from {labels.min()} to {labels.max()}")
    return images, labels


def inputs(images):
    """Images, of either kind, as the network takes them: floats (n, 784) from 0 to 1."""
    return images.reshape(len(images), 784) / 255 if images.dtype == np.uint8 else images


def on_screen(images):
    """Images, of either kind, as dark ink on white paper: uint8 (n, 28, 28)."""
    return 255 - np.rint(255 * inputs(images)).astype("uint8").reshape(-1, 28, 28)


def whole(value, count):
    """A whole number from 0 to count - 1, typed or not. Raises ValueError for anything else."""
    if not re.fullmatch(r"\s*\d{1,9}\s*", str(value)) or int(value) >= count:
        raise ValueError(f"a whole number from 0 to {count - 1}, please")
    return int(value)


def percent(share):
    return f"{100 * share:.0f} %"


# ── the state ───────────────────────────────────────────────────────────────────────────────────────────────────────


class LookInsideState(State):
    """A network, the picture that it is shown, and the unit of its first layer that is looked at.

    Arguments as in `checked`. A unit that the reader chose stays when the picture changes; till then (`chosen` is None)
    it is the one that is most active.
    """

    def __init__(self, network, images, labels):
        super().__init__()
        self.images, self.labels = checked(network, images, labels)
        self.network, self.first = network, network.layers[0]
        self.picture, self.chosen = 0, None
        self._seen = None, None

    def set_picture(self, value):
        self.picture = whole(value, len(self.images))
        self.errors.pop("number", None)  # slid away from what was mistyped

    set_number = set_picture

    def set_unit(self, value):
        self.chosen = whole(value, self.first.units) if str(value).strip() else None

    def set_strongest(self, value):
        """Take the picture at this place among those of the most active units."""
        units = self.strongest()
        self.chosen = int(units[whole(value, len(units))])
        self.errors.pop("unit", None)

    @property
    def x(self):
        """The picture as the network takes it: (1, 784) of its dtype."""
        return inputs(self.images[self.picture : self.picture + 1]).astype(self.network.dtype)

    def activations(self):
        """What each layer makes of the picture: a list of arrays (units,)."""
        if self._seen[0] != self.picture:  # a view asks several times
            self._seen = self.picture, [a[0] for a in self.network.activations(self.x)]
        return self._seen[1]

    def strongest(self):
        """The most active units of the first layer, the most active one first: (up to SHOWN,)."""
        return np.argsort(-self.activations()[0], kind="stable")[:SHOWN]

    @property
    def unit(self):
        return int(self.strongest()[0]) if self.chosen is None else self.chosen

    def products(self):
        """What each pixel adds to the unit's z: x · W[:, unit], (784,)."""
        return self.x[0] * self.first.params["W"][:, self.unit]

    def sums(self):
        """How the unit's activation comes about: sums of the positive and of the negative products, bias, z, a."""
        products = self.products().astype("float64")
        bias = self.first.params["b"][self.unit] if self.first.use_bias else 0.0
        z = self.first.forward(self.x, activate=False)[0, self.unit]
        parts = products[products > 0].sum(), products[products < 0].sum(), bias, z, self.activations()[0][self.unit]
        return [float(part) for part in parts]

    def calculation(self):
        """The same as code, with numbers that add up as they stand there."""
        above, below, bias, z = thousandths(self.sums()[:4])
        j, name, a = self.unit, self.first.activation, self.sums()[-1]
        activated = f"softmax(z)[{j}]" if name == "softmax" else f"{name}({z:.3f})"
        terms = f"{above:.3f} - {abs(below):.3f} {'-' if bias < 0 else '+'} {abs(bias):.3f}"
        return f"z = x @ W[:, {j}] + b[{j}] = {terms} = {z:.3f}\na = {activated} = {a:.3f}"

    def answer(self):
        """What the picture is, and what the network makes of it, in words."""
        y_pred, label = self.activations()[-1], self.labels[self.picture]
        best = int(y_pred.argmax())
        verdict = "right" if best == label else "wrong"
        return f"Picture {self.picture} is a {label}. The network reads {best}, sure to {percent(y_pred[best])}: {verdict}."

    def view(self):
        self._seen = None, None  # the network may have been trained on meanwhile
        *hidden, y_pred = self.activations()
        strips = [self.strip(k, a) for k, a in enumerate(hidden)]
        label = self.labels[self.picture]
        digit = on_screen(self.images[self.picture : self.picture + 1])
        answers = bars(
            f"layer {len(hidden) + 1}: probabilities", [str(d) for d in range(10)], y_pred, int(y_pred.argmax())
        )
        shown = pictures("input x", digit, [f"label {label}"], [f"a handwritten {label}"], width=140)
        controls = [
            self.control("picture", "picture", self.picture, kind="range", min=0, max=len(self.images) - 1),
            self.control("number", "its number", str(self.picture)),
            self.control("unit", "unit of layer 1", str(self.unit)),
        ]
        blocks = [row(shown, *strips, answers), text(self.answer()), self.most_active(), *self.one_unit()]
        return {"controls": controls, "blocks": blocks}

    def strip(self, k, a):
        """All activations (units,) of layer k as one picture, a square for each."""
        rows, columns = -(-len(a) // COLUMNS), min(COLUMNS, len(a))
        squares = np.full((rows * columns, 3), PADDING, "uint8")
        squares[: len(a)] = coloured(a, np.abs(a).max())
        zeros = f"{percent(np.mean(a == 0))} of {len(a)} units are 0"
        title = f"layer {k + 1}: activations, {self.network.layers[k].activation}"
        caption = f"{zeros}; largest: {a.max():.2f}"
        alt = f"{rows} rows of {columns} squares, unit 0 top left, the more active the more colour: {caption}."
        return pictures(title, squares.reshape(1, rows, columns, 3), [caption], [alt], width=8 * columns)

    def most_active(self):
        """The block of weight pictures: the units that the picture excites most."""
        units, a = self.strongest(), self.activations()[0]
        weights = self.first.params["W"][:, units].T
        title = f"The {len(units)} most active units of layer 1, each drawn as its 784 weights"
        captions = [f"unit {j}:\na = {a[j]:.1f}" for j in units]
        alts = [f"weights of unit {j}" for j in units]
        block = pictures(title, as_pictures(weights), captions, alts, width=84, pick="strongest")
        return block | {"chosen": next((n for n, j in enumerate(units) if j == self.unit), -1)}

    def one_unit(self):
        """The blocks about the unit that is looked at: x, its weights, their products, and the sum of these."""
        j, x, products = self.unit, self.x[0], self.products()
        images = np.concatenate([as_pictures(n[None]) for n in (x, self.first.params["W"][:, j], products)])
        captions = ["x", f"W[:, {j}]", f"x · W[:, {j}]"]
        alts = ["the picture", f"weights of unit {j}", "products of pixel and weight"]
        above, below, *_ = thousandths(self.sums()[:4])
        words = (
            f"The {np.sum(products > 0)} products above 0 (vermilion) add up to {above:.3f}, the {np.sum(products < 0)} "
            f"below 0 (blue) to {below:.3f}; b[{j}] is the bias. Where the picture has no ink, a weight does nothing."
        )
        return [
            pictures(f"Unit {j}: pixel times weight", images, captions, alts, width=112),
            text(self.calculation(), "code"),
            text(words),
        ]


def coloured(numbers, largest):
    """Numbers as colours: vermilion above 0, blue below, white at 0. (…) → uint8 (…, 3); `largest` has full colour."""
    share = np.clip(numbers / (largest or 1), -1, 1)[..., None]
    return np.rint(255 + np.abs(share) * (np.where(share > 0, VERMILION, BLUE) - 255)).astype("uint8")


def as_pictures(rows):
    """Rows of 784 numbers as coloured pictures, each in its own scale: (n, 784) → uint8 (n, 28, 28, 3)."""
    return np.stack([coloured(numbers, np.abs(numbers).max()) for numbers in rows]).reshape(-1, 28, 28, 3)


def thousandths(numbers):
    """Numbers, the last the sum of the others, rounded to three digits such that this stays true of what is shown."""
    exact = 1000 * np.array(numbers)
    rounded = np.rint(exact).astype(int)
    gap = rounded[-1] - rounded[:-1].sum()
    rounded[np.argmax((exact - rounded)[:-1] * np.sign(gap))] += gap  # the part that was rounded most gives way
    return rounded / 1000


def look_inside(network, images, labels):
    """Show the explorer: choose a digit, pick a unit, follow the numbers. Arguments as in `checked`."""
    return Explorer(LookInsideState(network, images, labels), "Look inside")
