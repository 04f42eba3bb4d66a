"""Explorer: the same numbers in another shape, beside the transpose."""

import math

import numpy as np

from helpers.widgets.base import Explorer, State, cell, grid, row, text
from helpers.widgets.parse import parse_shape

MOST_DRAWN = 48


class ReshapeState(State):
    """Numbers 0, 1, 2 … in one shape, to be read into another."""

    def __init__(self, old=(3, 2), new=(2, 3)):
        super().__init__()
        self.old, self.new, self.picked = tuple(old), tuple(new), 1

    def set_old(self, value):
        shape = parse_shape(value, most_axes=4)
        if not 1 <= math.prod(shape) <= MOST_DRAWN:
            raise ValueError(f"{math.prod(shape)} numbers: from 1 to {MOST_DRAWN} can be drawn")
        self.old = shape
        self.picked = min(self.picked, math.prod(shape) - 1)

    def set_new(self, value):
        self.new = parse_shape(value, most_axes=4, wildcard=True)

    def set_pick(self, value):
        if not 0 <= int(value) < math.prod(self.old):
            raise ValueError("no such number")
        self.picked = int(value)

    @property
    def array(self):
        return np.arange(math.prod(self.old)).reshape(self.old)

    @property
    def result(self):
        """The reshaped array, or None where NumPy refuses."""
        try:
            return self.array.reshape(self.new)
        except ValueError:
            return None

    def sentence(self):
        """Why it fits or not, and how -1 is worked out."""
        count, known = math.prod(self.old), math.prod(n for n in self.new if n != -1)
        product = " · ".join(str(n) for n in self.new if n != -1) or "1"
        if -1 in self.new:
            if self.result is None:
                return f"{count} numbers can't be shared out evenly: {count} / ({product}) is not a whole number."
            return (
                f"-1 means: work it out. {count} / ({product}) = {count // known}, so the shape is {self.result.shape}."
            )
        if self.result is None:
            return f"{count} numbers do not fill {product} = {known} places."
        return f"{count} numbers fill {product} = {known} places, read row by row, the last axis fastest."

    def view(self):
        array, result = self.array, self.result
        groups = [self._draw(f"a, shape {array.shape}", array)]
        if result is not None:
            groups.append(self._draw(f"a.reshape({', '.join(map(str, self.new))})", result))
        if array.ndim > 1:
            groups.append(self._draw(f"a.T, shape {array.T.shape}", array.T))
        blocks = [text(self.sentence(), "say" if result is not None else "warn"), row(*groups)]
        if result is not None and array.ndim > 1 and result.shape == array.T.shape:
            same = np.array_equal(result, array.T)
            blocks.append(
                text(
                    "Here reshape and transpose agree."
                    if same
                    else "Same shape, other order: reshape is not transpose."
                )
            )
        blocks.append(text(self.whereabouts(), "code"))
        controls = [
            self.control("old", "shape of a", _show(self.old)),
            self.control("new", "new shape", _show(self.new)),
        ]
        return {"controls": controls, "blocks": blocks}

    def whereabouts(self):
        """Where the picked number stands in each of the arrays."""
        places = {"a": self.array, "a.reshape(…)": self.result, "a.T": self.array.T if self.array.ndim > 1 else None}
        return "\n".join(
            f"{self.picked} = {name}[{', '.join(str(int(n)) for n in np.argwhere(array == self.picked)[0])}]"
            for name, array in places.items()
            if array is not None
        )

    def _draw(self, title, array):
        """An array of any rank as tables of its last two axes, one below the other."""
        last = array.reshape((-1, *((1, 1, *array.shape)[-2:])))
        lines = []
        for n, matrix in enumerate(last):
            for line in matrix:
                lines.append([self._cell(v) for v in line])
            if n + 1 < len(last):
                lines.append([cell("", "head")])
        return grid(title, lines)

    def _cell(self, value):
        mark = "picked" if value == self.picked else ""
        return cell(value, mark, pick=int(value)) | {"pressed": str(value == self.picked).lower()}


def _show(shape):
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def reshape(old=(3, 2), new=(2, 3)):
    """Show the explorer: type two shapes, pick a number and follow it."""
    return Explorer(ReshapeState(old, new), "Reshape explorer")
