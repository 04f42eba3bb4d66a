"""Explorer: which elements of a stack of pictures does a slice take?"""

import base64

import numpy as np

from helpers.widgets.base import Explorer, State, text
from helpers.widgets.parse import parse_index


class SlicerState(State):
    """Three indices, one for each axis of an array (pictures, rows, columns)."""

    def __init__(self, array):
        super().__init__()
        if array.ndim != 3:
            raise ValueError(f"the slicer takes an array of three axes, but got shape {array.shape}")
        self.array = array
        self.index = [slice(None)] * 3

    def set_axis0(self, value):
        self._set(0, value)

    def set_axis1(self, value):
        self._set(1, value)

    def set_axis2(self, value):
        self._set(2, value)

    def _set(self, axis, value):
        index = parse_index(value)
        length = self.array.shape[axis]
        for place in [index] if isinstance(index, int) else index if isinstance(index, list) else []:
            if not -length <= place < length:
                raise ValueError(f"{place} is outside: this axis has length {length}, so {-length} … {length - 1}")
        others = [isinstance(i, list) for k, i in enumerate(self.index) if k != axis]
        if isinstance(index, list) and any(others):
            raise ValueError("one list at a time, please: two lists are paired element by element, a story of its own")
        self.index[axis] = index

    @property
    def taken(self):
        """What NumPy gives."""
        return self.array[tuple(self.index)]

    def expression(self):
        """The slice in NumPy's words."""
        return f"digits[{', '.join(map(show_index, self.index))}]"

    def lit(self):
        """For each axis the positions that the slice takes."""
        return [np.atleast_1d(np.arange(n)[i]).tolist() for n, i in zip(self.array.shape, self.index)]

    def is_view(self):
        """Does the result share its numbers with the whole array?"""
        return bool(np.shares_memory(self.taken, self.array)) or (self.taken.size == 0 and not self._lists())

    def _lists(self):
        return any(isinstance(i, list) for i in self.index)

    def view(self):
        taken = self.taken
        memory = (
            "A view: it shares its numbers with digits, nothing is copied."
            if self.is_view()
            else "A copy: a list of positions, or a single number, can't be had by stepping through the same memory."
        )
        if not taken.shape:
            memory = "A single number: NumPy gives it to you as a value of its own."
        pictures, rows, columns = map(len, self.lit())
        alt = f"{pictures} of {len(self.array)} pictures lit, {rows} rows and {columns} columns of each."
        names = ("axis 0, pictures", "axis 1, rows", "axis 2, columns")
        return {
            "controls": [self.control(f"axis{k}", name, show_index(self.index[k])) for k, name in enumerate(names)],
            "blocks": [
                text(f"{self.expression()}    # shape {taken.shape}", "code"),
                text(f"{taken.size:,} of {self.array.size:,} numbers, rank {taken.ndim}. {memory}"),
                {
                    "kind": "stack",
                    "shape": list(self.array.shape),
                    "data": base64.b64encode(np.ascontiguousarray(self.array).tobytes()).decode(),
                    "lit": self.lit(),
                    "alt": alt,
                },
            ],
        }


def show_index(index):
    """An index as it is written: slice(10, 100, None) → "10:100"."""
    if not isinstance(index, slice):
        return str(index)
    start, stop, step = ("" if n is None else str(n) for n in (index.start, index.stop, index.step))
    return f"{start}:{stop}" + (f":{step}" if step else "")


def slicer(array):
    """Show the explorer for a small stack of pictures, uint8 (pictures, rows, columns)."""
    return Explorer(SlicerState(array), "Tensor slicer")
