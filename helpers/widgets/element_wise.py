"""Explorer: an element-wise operation, every result linked to its sources."""

import re

import numpy as np

from helpers import kernels
from helpers.widgets.base import Explorer, State, cell, grid, row, text
from helpers.widgets.parse import short

OPERATIONS = {
    "x + y": np.add,
    "x - y": np.subtract,
    "x * y": np.multiply,
    "maximum(x, y)": np.maximum,
    "relu(x)": lambda x, y: kernels.relu(x),
    "x > y": np.greater,
}


class ElementWiseState(State):
    """Two matrices of equal shape, an operation, and the element that is looked at."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = np.array(x, float), np.array(y, float)
        if self.x.shape != self.y.shape or self.x.ndim != 2:
            raise ValueError(f"x and y must be matrices of equal shape, but got {self.x.shape} and {self.y.shape}")
        self.operation, self.picked = "x + y", (0, 0)

    def apply(self, name, value):
        """Besides the usual: a message named "x:1,2" types a number over x[1, 2]."""
        matrix, _, place = name.partition(":")
        if matrix not in ("x", "y") or not place:
            return super().apply(name, value)
        self.set_pick(place.split(","))
        if not re.fullmatch(r"\s*-?\d{1,6}(\.\d{1,6})?\s*", short(value)):
            raise ValueError(f"{name}: {value!r} is not a number between -999999 and 999999")
        getattr(self, matrix)[self.picked] = float(value)

    def set_operation(self, value):
        if value not in OPERATIONS:
            raise ValueError(f"unknown operation {value!r}")
        self.operation = value

    def set_pick(self, value):
        i, j = (int(n) for n in value)
        if not (0 <= i < self.x.shape[0] and 0 <= j < self.x.shape[1]):
            raise ValueError("outside of the matrix")
        self.picked = (i, j)

    def set_focus(self, value):
        self.set_pick(str(value).partition(":")[2].split(","))

    @property
    def result(self):
        return OPERATIONS[self.operation](self.x, self.y)

    def sentence(self):
        """How the element that is looked at came about."""
        numbers = {"x": _number(self.x[self.picked]), "y": _number(self.y[self.picked])}
        expression = re.sub(r"\b[xy]\b", lambda name: numbers[name[0]], self.operation)
        i, j = self.picked
        return f"result[{i}, {j}] = {expression} = {_number(self.result[self.picked])}"

    def view(self):
        uses_y = "y" in self.operation
        grids = []
        for name in ("x", "y") if uses_y else ("x",):
            values = getattr(self, name)
            mark = {"x": "a", "y": "b"}[name]
            cells = [
                [
                    cell(_number(v), mark if (i, j) == self.picked else "", edit=f"{name}:{i},{j}")
                    | {"label": f"{name}[{i}, {j}]"}
                    for j, v in enumerate(line)
                ]
                for i, line in enumerate(values)
            ]
            grids.append(grid(name, cells))
        cells = [
            [
                cell(_number(v), "result" if (i, j) == self.picked else "", pick=[i, j])
                | {"label": f"result[{i}, {j}] = {_number(v)}", "pressed": str((i, j) == self.picked).lower()}
                for j, v in enumerate(line)
            ]
            for i, line in enumerate(self.result)
        ]
        grids.append(grid(self.operation, cells))
        warnings = [text(error, "warn") for error in self.errors.values()]
        return {
            "controls": [
                self.control("operation", "operation", self.operation, kind="select", choices=list(OPERATIONS))
            ],
            "blocks": [row(*grids), text(self.sentence(), "code"), *warnings],
        }


def _number(value):
    return str(bool(value)) if isinstance(value, np.bool_) else f"{value:g}"


def element_wise(x=((1, -2, 3), (-4, 5, -6)), y=((2, 2, 2), (1, 0, -1))):
    """Show the explorer: change a number, choose an operation, pick a result."""
    return Explorer(ElementWiseState(x, y), "Element-wise explorer")
