"""Explorer: a crumpled ball of paper, and a network that uncrumples it, through training time and through its layers."""

import numpy as np

from helpers.widgets.base import Explorer, State, row, text
from helpers.widgets.drawing import line, player, plot, points, readout


class PaperBallState(State):
    """What a trained network's layers made of some points, at each snapshot of its weights.

    network: a Sequential whose last hidden layer has 2 units and whose output is a softmax over 2 classes.
    snapshots: {epochs passed: weights}, as `callbacks.Snapshots` keeps them. x: (samples, 2 or 3), y: classes (samples,).
    `places`, (snapshots, stages, samples, d), are where the points are to be seen; the stages are the input and each
    hidden layer.
    """

    def __init__(self, network, snapshots, x, y):
        super().__init__()
        if network.layers[-1].units != 2 or network.layers[-2].units != 2:
            raise ValueError("the last two layers must have 2 units each: the first of them is drawn, with the border")
        self.y = np.asarray(y)
        self.epochs = list(snapshots)
        now = network.get_weights()
        try:
            outputs = [_outputs(network, weights, x) for weights in snapshots.values()]
        finally:  # whatever happens, the reader's network stays as it was
            network.set_weights(now)
        self.accuracy = [float(np.mean(stages[-1].argmax(axis=1) == self.y)) for stages in outputs]
        d = np.shape(x)[1]
        stages = [
            np.stack(stage) for stage in zip(*(stages[:-1] for stages in outputs))
        ]  # each (snapshots, samples, units)
        views = [view_of(stages[0][-1], np.asarray(x, float))]
        for stage in stages[1:]:
            views.append(view_of(stage[-1], views[-1](stages[len(views) - 1][-1])))
        self.places = np.stack([view(stage) for view, stage in zip(views, stages)], axis=1)
        self.borders = np.full((len(snapshots), len(stages), 2, d), np.nan)
        for i, weights in enumerate(snapshots.values()):
            self.borders[i, -1] = views[-1](border(*weights[-2:]))

    def stage_names(self):
        hidden = self.places.shape[1] - 1
        return ["input", *(f"after layer {k + 1}" for k in range(hidden))]

    def view(self):
        d = self.places.shape[-1]
        both = ["time", "layer"]
        marks = [
            line(self.borders, "ink", along=both, width=2, dash=(7, 4)),
            points(
                self.places,
                ["blue", "orange"],
                ["circle", "triangle"],
                groups=self.y,
                along=both,
                size=3.5 if d == 2 else 2.5,
            ),
        ]
        drawing = plot(
            "the points as the network sees them",
            f"{len(self.y)} points of two classes: crumpled together in the input, apart after the last hidden layer.",
            marks,
            (-1.5, 1.5, -1.15, 1.15),
            axes=False,
            size=(620, 475),
            turn="turn" if d == 3 else None,
        )
        last = len(self.epochs) - 1
        rows = [
            ["epochs of training", [str(n) for n in self.epochs]],
            ["right answers", [f"{a:.1%}" for a in self.accuracy]],
        ]
        names = self.stage_names()
        controls = [
            player("time", "training", last + 1, value=last, texts=[f"epoch {n}" for n in self.epochs], smooth=True),
            player(
                "layer", "layer", len(names), texts=names, smooth=True, seconds=8, rest=len(names) - 1 if d == 2 else 0
            ),
        ]
        if d == 3:
            controls.append(player("turn", "turn the view", 361, value=30, seconds=0, rest=30))
        border_words = "The dashed line is the border that the last layer draws: a straight line is all it can do."
        return {
            "controls": controls,
            "blocks": [row(drawing, readout("now", ["", ""], rows, "time")), text(border_words)],
        }


def _outputs(network, weights, x):
    network.set_weights(weights)
    return [np.asarray(x, float), *(a.astype(float) for a in network.activations(x))]


def view_of(final, before):
    """How to look at a stage: a function from what its units say, (…, units), to places, (…, d), all about -1 … 1.

    Up to d units are drawn as they are, more from the side from which most is to be seen (principal components). The
    picture is turned to look as much as possible like the stage before, (samples, d). Both are chosen once, at the end
    of training, so that a point moves only because the network moves it.
    """
    d = before.shape[1]
    middle = final.mean(axis=0)
    units = final.shape[1]
    axes = np.eye(units, d) if units <= d else np.linalg.svd(final - middle, full_matrices=False)[2][:d].T
    seen = (final - middle) @ axes
    u, _, v = np.linalg.svd(seen.T @ before)
    turn = u @ v  # the rotation or reflection that brings `seen` nearest to `before` (orthogonal Procrustes)
    size = np.quantile(np.linalg.norm(seen, axis=1), 0.99)
    return lambda outputs: (outputs - middle) @ axes @ turn / size


def border(W, b):
    """Two points of the straight line on which a softmax over two classes gives both 1/2. W: (2, 2), b: (2,) → (2, 2)."""
    normal, offset = W[:, 1] - W[:, 0], b[1] - b[0]
    length = max(float(normal @ normal), 1e-12)
    foot = -offset * normal / length
    along = np.array([-normal[1], normal[0]]) / length**0.5
    return np.stack([foot - 1000 * along, foot + 1000 * along])


def paper_ball(network, snapshots, x, y):
    """Show the explorer: scrub through training and through the layers."""
    return Explorer(PaperBallState(network, snapshots, x, y), "Paper ball")
