"""Checkers for the exercises: `checks.NAME(answer)` says what is right, or which case is not and what to look at.

One file for each notebook, and `contest` for the last exercise of 09; `core` has what they share.
"""

from helpers.checks import (
    broadcasting,
    dot_products,
    element_wise,
    first_network,
    geometry,
    gradient_descent,
    making_fast,
    optimizer_rules,
    tensors,
    training_loop,
    workers,
)
from helpers.checks.core import Check

MODULES = [
    first_network,
    tensors,
    element_wise,
    broadcasting,
    dot_products,
    geometry,
    gradient_descent,
    optimizer_rules,
    training_loop,
    making_fast,
    workers,
]
# Each checker knows its name, so that no list of them has to be kept.
CHECKS = {thing.name: thing for module in MODULES for thing in vars(module).values() if isinstance(thing, Check)}
globals().update(CHECKS)
