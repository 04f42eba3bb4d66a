"""Explorer: the derivative as a slope. A tangent to drag along a curve, and a secant that becomes it."""

import numpy as np

from helpers.landscapes import CURVES
from helpers.widgets.base import Explorer, State, text
from helpers.widgets.drawing import handle, line, plot, points
from helpers.widgets.walks import choose, edges, nearest, place_in, slider

WIDTHS = [0.001, 0.01, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5]


class TangentState(State):
    """A curve f, a place w on it, and a second place h further on."""

    def __init__(self, curve="one valley", w=1.0, h=1.0):
        super().__init__()
        self.h = nearest(WIDTHS, h)
        self.set_curve(curve)
        self.set_w([w])

    def set_curve(self, value):
        if value not in CURVES:
            raise ValueError(f"unknown curve {value!r}")
        self.curve, self.w = CURVES[value], 1.0

    def set_w(self, value):
        self.w = place_in(self.curve.box[:1], value[:1])[0]

    def set_h(self, value):
        self.h = choose(WIDTHS, value)

    def f(self, w):
        return self.curve.f(np.asarray(w, float)[..., None])

    @property
    def slope(self):
        """The derivative at w, by its formula."""
        return float(self.curve.gradient(np.array([self.w]))[0])

    @property
    def secant(self):
        """The slope of the straight line through (w, f(w)) and (w + h, f(w + h))."""
        return float((self.f(self.w + self.h) - self.f(self.w)) / self.h)

    def sentence(self):
        way = "to the left" if self.slope > 0 else "to the right"
        if abs(self.slope) < 0.005:
            return "The tangent is level: the slope is 0. Here is a minimum, or the top of a hill."
        return f"The slope is {'positive' if self.slope > 0 else 'negative'}: the way down is {way}, against the slope."

    def view(self):
        height = float(self.f(self.w))
        (low, high), _ = self.curve.box
        ends = np.array([low, high])
        other = self.w + self.h
        marks = [
            curve_line(self.curve),
            line(np.stack([ends, height + self.secant * (ends - self.w)], -1), "orange", dash=(6, 4)),
            line(np.stack([ends, height + self.slope * (ends - self.w)], -1), "vermilion", width=3),
            points([[other, float(self.f(other))]], ["orange"], ["square"]),
        ]
        drawing = plot(
            "the tangent (solid) and the secant (dashed)",
            f"The curve {self.curve.name}, its tangent at w = {self.w:.2f} with slope {self.slope:.2f}.",
            marks,
            edges(self.curve),
            labels=("w", "f(w)"),
            handles=[handle("w", (self.w, height), "place w on the curve", "vermilion")],
            size=(560, 360),
        )
        return {
            "controls": [
                self.control("curve", "curve", self.curve.name, kind="select", choices=list(CURVES)),
                slider(self, "h", "h", self.h, WIDTHS),
            ],
            "blocks": [
                drawing,
                text(f"secant:  (f(w + h) - f(w)) / h = {self.secant:.4f}    h = {self.h:g}", "code"),
                text(f"tangent: f'(w)                 = {self.slope:.4f}    w = {self.w:.2f}", "code"),
                text(self.sentence()),
            ],
        }


def curve_line(curve):
    """The curve itself as a mark."""
    w = np.linspace(*curve.box[0], 201)
    return line(np.stack([w, curve.f(w[:, None])], -1), "grey", width=2)


def tangent(curve="one valley", w=1.0, h=1.0):
    """Show the explorer: drag w, and let h go to 0."""
    return Explorer(TangentState(curve, w, h), "Tangent explorer")
