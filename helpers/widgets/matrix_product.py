"""Explorer: one element of a matrix product is one row times one column."""

import numpy as np

from helpers.widgets.base import Explorer, State, cell, grid, row, text

LONGEST = 6


class MatrixProductState(State):
    """Matrices x (n, k) and y (k, m) of small whole numbers, and the element of x @ y that is looked at."""

    def __init__(self, n=2, k=3, m=4, seed=0):
        super().__init__()
        numbers = np.random.default_rng(seed)
        self._x = numbers.integers(-3, 5, (LONGEST, LONGEST))
        self._y = numbers.integers(-3, 5, (LONGEST, LONGEST))
        self.lengths = {"x_rows": n, "x_columns": k, "y_rows": k, "y_columns": m}
        self.picked = (0, 0)

    def set_x_rows(self, value):
        self._set("x_rows", value)

    def set_x_columns(self, value):
        self._set("x_columns", value)

    def set_y_rows(self, value):
        self._set("y_rows", value)

    def set_y_columns(self, value):
        self._set("y_columns", value)

    def _set(self, name, value):
        if not 1 <= int(value) <= LONGEST:
            raise ValueError(f"a length from 1 to {LONGEST}, please")
        self.lengths[name] = int(value)
        self.picked = (
            min(self.picked[0], self.lengths["x_rows"] - 1),
            min(self.picked[1], self.lengths["y_columns"] - 1),
        )

    def set_pick(self, value):
        i, j = (int(n) for n in value)
        if not (0 <= i < self.lengths["x_rows"] and 0 <= j < self.lengths["y_columns"]):
            raise ValueError("outside of the result")
        self.picked = (i, j)

    @property
    def x(self):
        return self._x[: self.lengths["x_rows"], : self.lengths["x_columns"]]

    @property
    def y(self):
        return self._y[: self.lengths["y_rows"], : self.lengths["y_columns"]]

    @property
    def result(self):
        """x @ y, or None where the shapes do not allow it."""
        return self.x @ self.y if self.x.shape[1] == self.y.shape[0] else None

    def rule(self):
        """The shape rule, kept or broken, in words."""
        x, y = self.x.shape, self.y.shape
        if self.result is None:
            return f"{x} @ {y} does not fit: a row of x has {x[1]} numbers, a column of y {y[0]}. They must be equally many."
        return f"{x} @ {y} → {self.result.shape}: the inner lengths, {x[1]} and {y[0]}, are equal and vanish."

    def running_sum(self):
        """The picked element, product by product: [(x, y, sum so far), …]."""
        i, j = self.picked
        products = self.x[i] * self.y[:, j]
        return list(zip(self.x[i].tolist(), self.y[:, j].tolist(), np.cumsum(products).tolist()))

    def view(self):
        i, j = self.picked
        fits = self.result is not None
        x = [[cell(v, "a" if fits and r == i else "") for v in line] for r, line in enumerate(self.x)]
        y = [[cell(v, "b" if fits and c == j else "") for c, v in enumerate(line)] for line in self.y]
        grids = [grid("x", x), grid("y", y)]
        blocks = [text(self.rule(), "say" if fits else "warn")]
        if fits:
            result = [
                [
                    cell(v, "result" if (r, c) == (i, j) else "", pick=[r, c])
                    | {"label": f"element {r}, {c}: {v}", "pressed": str((r, c) == (i, j)).lower()}
                    for c, v in enumerate(line)
                ]
                for r, line in enumerate(self.result)
            ]
            grids.append(grid("x @ y", result))
            steps = self.running_sum()
            products = " + ".join(f"{_factor(a)}·{_factor(b)}" for a, b, _ in steps)
            sums = " → ".join(str(total) for *_, total in steps)
            blocks += [
                row(*grids),
                text(f"(x @ y)[{i}, {j}] = row {i} of x · column {j} of y = {products} = {self.result[i, j]}", "code"),
                text(f"The sum as it grows: {sums}"),
            ]
        else:
            blocks.append(row(*grids))
        names = {"x_rows": "rows of x", "x_columns": "columns of x", "y_rows": "rows of y", "y_columns": "columns of y"}
        controls = [
            self.control(name, label, self.lengths[name], kind="range", min=1, max=LONGEST)
            for name, label in names.items()
        ]
        return {"controls": controls, "blocks": blocks}


def _factor(number):
    return f"({number})" if number < 0 else str(number)


def matrix_product(n=2, k=3, m=4):
    """Show the explorer: pick an element of x @ y, change the shapes."""
    return Explorer(MatrixProductState(n, k, m), "Matrix product explorer")
