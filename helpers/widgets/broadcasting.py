"""Explorer: do two shapes broadcast, and how?"""

import math

import numpy as np

from helpers.widgets.base import Explorer, State, cell, grid, row, text
from helpers.widgets.parse import MOST_ELEMENTS, parse_shape

STAMPS = {"equal": "equal", "stretched": "stretched", "new": "new", "clash": "clash ✗"}


class BroadcastingState(State):
    """Two shapes, aligned right and compared axis by axis."""

    def __init__(self, a=(3, 4), b=(4,)):
        super().__init__()
        self.a, self.b = tuple(a), tuple(b)

    def set_a(self, value):
        self.a = parse_shape(value)

    def set_b(self, value):
        self.b = parse_shape(value)

    def axes(self):
        """One (length in a or None, length in b or None, stamp, length of the result or None) for each axis."""
        rank = max(len(self.a), len(self.b))
        padded = [(None,) * (rank - len(shape)) + shape for shape in (self.a, self.b)]
        result = []
        for m, n in zip(*padded):
            if m is None or n is None:
                result.append((m, n, "new", n if m is None else m))
            elif m == n:
                result.append((m, n, "equal", m))
            elif 1 in (m, n):
                result.append((m, n, "stretched", n if m == 1 else m))
            else:
                result.append((m, n, "clash", None))
        return result

    @property
    def result(self):
        """The common shape, or None if the shapes clash."""
        lengths = [length for *_, length in self.axes()]
        return None if None in lengths else tuple(lengths)

    def fixes(self):
        """Expressions that would fit, as (expression, the same by reshape or "", resulting shape)."""
        found = []
        for name, mine, other in (("b", self.b, self.a), ("a", self.a, self.b)):
            for place in range(1, len(mine) + 1):
                index = ", ".join([":"] * place + ["None"] + [":"] * (len(mine) - place))
                grown = mine[:place] + (1,) + mine[place:]
                self._try(found, name, f"{name}[{index}]", f"{name}.reshape{grown}", grown, other)
            if len(mine) > 1:
                self._try(found, name, f"{name}.T", "", mine[::-1], other)
        return sorted(found, key=lambda fix: len(fix[2]))[:3]

    def _try(self, found, name, expression, reshaped, shape, other):
        try:
            together = np.broadcast_shapes(shape, other)
        except ValueError:
            return
        found.append((f"{expression} + b" if name == "a" else f"a + {expression}", reshaped, together))

    def sentence(self):
        """What happens, in words."""
        if self.result is None:
            clashes = [(m, n) for m, n, stamp, _ in self.axes() if stamp == "clash"]
            m, n = clashes[-1]
            return f"These shapes do not fit: aligned right, {m} meets {n}, and neither of them is 1."
        stamps = {stamp for _, _, stamp, _ in self.axes()}
        if stamps <= {"equal"}:
            return f"The shapes are equal: element meets element. The result has shape {self.result}."
        parts = []
        if "new" in stamps:
            parts.append("the tensor with fewer axes gets new ones on the left")
        if "stretched" in stamps:
            parts.append("an axis of length 1 is used again for every position of the other")
        return f"They fit: {' and '.join(parts)}. The result has shape {self.result}."

    def strides(self):
        """For a and b as float64: (name, own strides, strides when stretched to the result), in bytes."""
        rows = []
        if math.prod(self.result) > MOST_ELEMENTS:
            return rows
        for name, shape in (("a", self.a), ("b", self.b)):
            tiny = np.lib.stride_tricks.as_strided(np.zeros(1), shape, _c_strides(shape), writeable=False)
            rows.append((name, tiny.strides, np.broadcast_to(tiny, self.result).strides))
        return rows

    def view(self):
        axes = self.axes()
        marks = {"equal": "", "stretched": "b", "new": "new", "clash": "clash"}
        table = [
            [
                cell("a", "head"),
                *(
                    cell("" if m is None else m, marks[s] if m in (None, 1) or s == "clash" else "")
                    for m, _, s, _ in axes
                ),
            ],
            [
                cell("b", "head"),
                *(
                    cell("" if n is None else n, marks[s] if n in (None, 1) or s == "clash" else "")
                    for _, n, s, _ in axes
                ),
            ],
            [cell("", "head"), *(cell(STAMPS[stamp], marks[stamp]) for *_, stamp, _ in axes)],
            [cell("a + b", "head"), *(cell("?" if length is None else length, "result") for *_, length in axes)],
        ]
        blocks = [grid("Aligned right", table), text(self.sentence(), "say" if self.result is not None else "warn")]
        if self.result is None:
            blocks.append(text("What would fit, depending on what you mean:"))
            for expression, reshaped, shape in self.fixes():
                same = f", the same as {reshaped}" if reshaped else ""
                blocks.append(text(f"{expression}    # shape {shape}{same}", "code"))
        else:
            blocks += self._drawing()
            for name, own, stretched in self.strides():
                steps = f"{name}: steps of {own} bytes; stretched, {stretched}"
                blocks.append(
                    text(
                        steps
                        + (
                            "  — a step of 0 reads the same number again: nothing is copied"
                            if 0 in stretched and 0 not in own
                            else ""
                        )
                    )
                )
        controls = [
            self.control("a", "shape of a", _show(self.a)),
            self.control("b", "shape of b", _show(self.b)),
        ]
        return {"controls": controls, "blocks": blocks}

    def _drawing(self):
        """Both tensors' last two axes, stretched; what is only repeated is dim."""
        if not self.result or len(self.result) > 2 and max(self.result[-2:]) > 8 or 0 in self.result:
            return []
        rows, columns = (1, *self.result)[-2:] if len(self.result) < 2 else self.result[-2:]
        if rows > 8 or columns > 8:
            return []
        grids = []
        for name, shape in (("a", self.a), ("b", self.b)):
            last = ((1, 1) + shape)[-2:]
            numbers = np.arange(int(np.prod(last))).reshape(last)
            whole = np.broadcast_to(numbers, (rows, columns))
            cells = [
                [cell(whole[i, j], "dim" if (i >= last[0] or j >= last[1]) else name) for j in range(columns)]
                for i in range(rows)
            ]
            grids.append(grid(f"{name}, stretched" if last != (rows, columns) else name, cells))
        return [row(*grids)]


def _c_strides(shape):
    strides, step = [], 8
    for length in reversed(shape):
        strides.append(step)
        step *= max(length, 1)
    return tuple(reversed(strides))


def _show(shape):
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def broadcasting(a=(3, 4), b=(4,)):
    """Show the explorer: type two shapes, see how they meet."""
    return Explorer(BroadcastingState(a, b), "Broadcasting explorer")
