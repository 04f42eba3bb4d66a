"""Every explorer's state, freshly made, for the tests that must leave none out: `STATES`, {name: function}.

`poisoned` gives a view in which every word is a piece of HTML that would do harm if a page took it for one.
"""

import numpy as np

from helpers import layers, models
from helpers.widgets import (
    affine_map,
    backpropagation,
    broadcasting,
    descent,
    draw_digit,
    element_wise,
    look_inside,
    matrix_product,
    mistakes,
    paper_ball,
    predict,
    race,
    reshape,
    rolling,
    slicer,
    tangent,
    training,
)


def states():
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 256, (30, 28, 28)).astype("uint8"), random.integers(0, 10, 30)
    data = random.normal(size=(20, 6)), np.eye(3)[random.integers(0, 3, 20)]

    def network(*units):
        model = models.Sequential([layers.Dense(n, activation="relu") for n in units[1:-1]])
        model.add(layers.Dense(units[-1], activation="softmax"))
        model.build((None, units[0]))
        return model

    def ball():
        model = models.Sequential(
            [*(layers.Dense(n, activation="tanh") for n in (8, 2)), layers.Dense(2, activation="softmax")]
        )
        model.build((None, 3))
        x, y = random.normal(size=(12, 3)), np.arange(12) % 2
        return paper_ball.PaperBallState(model, {0: model.get_weights(), 1: model.get_weights()}, x, y)

    return {
        "affine_map": affine_map.AffineMapState,
        "backpropagation": backpropagation.BackpropagationState,
        "broadcasting": broadcasting.BroadcastingState,
        "descent": descent.DescentState,
        "draw_digit": lambda: draw_digit.DrawDigitState(network(784, 10)),
        "element_wise": lambda: element_wise.ElementWiseState([[1, -2], [3, 4]], [[2, 2], [1, 0]]),
        "look_inside": lambda: look_inside.LookInsideState(network(784, 12, 10), images, labels),
        "matrix_product": matrix_product.MatrixProductState,
        "mistakes": lambda: mistakes.MistakesState(network(784, 10), images, labels),
        "paper_ball": ball,
        "predict": lambda: predict.PredictState("column_minus_vector"),
        "race": race.RaceState,
        "reshape": reshape.ReshapeState,
        "rolling": rolling.RollingState,
        "slicer": lambda: slicer.SlicerState(images[:3, :5, :6]),
        "tangent": tangent.TangentState,
        "training": lambda: training.TrainingState((data, data)),
    }


STATES = states()
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>&lt;b&gt;`<i>`**<u>**"
# What the program itself reads, not people: colours, kinds, names of controls.
FOR_THE_PROGRAM = {
    "kind", "name", "color", "colors", "shapes", "along", "grow", "turn", "changes", "style", "mark", "edit", "align",
    "lit", "dash", "pick", "data", "type",
}  # fmt: skip


def poisoned(thing, key=""):
    """A view in which each word that somebody may read is evil."""
    if key in FOR_THE_PROGRAM:
        return thing
    if isinstance(thing, str):
        return EVIL
    if isinstance(thing, dict):
        return {k: poisoned(v, k) for k, v in thing.items()}
    return [poisoned(v, key) for v in thing] if isinstance(thing, (list, tuple)) else thing
