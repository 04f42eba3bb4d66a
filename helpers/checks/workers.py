"""The exercises of notebook 11."""

import math

import numpy as np

from helpers.checks.core import Function


def total_epochs(trials, epochs, factor, rounds, grow=None, keep=None):
    """Epochs of successive halving: `grow` gives the epochs of the next round, `keep` how many trials go on."""
    total = 0
    for _ in range(rounds):
        total += trials * epochs
        trials = (keep or (lambda n: max(1, n // factor)))(trials)
        epochs = (grow or (lambda n: n * factor))(epochs)
    return total


trials_in = Function(
    "trials_in",
    lambda space: math.prod(len(values) for values in space.values()),
    [
        ({"units": [32, 128, 512], "rate": [0.1, 0.01], "optimizer": ["sgd", "adam"]},),
        ({"units": [64]},),
        ({"a": [1, 2, 3], "b": [4, 5, 6]},),
    ],
    {
        "Each value of one setting meets *each* value of the others: multiply.": lambda space: sum(
            len(values) for values in space.values()
        ),
        "That is how many settings there are. How many values has each of them?": lambda space: len(space),
        "That is right if all lists are as long as the longest.": lambda space: (
            max(len(values) for values in space.values()) ** len(space)
        ),
    },
)

combine = Function(
    "combine",
    lambda gradients, counts: sum(n * g for g, n in zip(gradients, counts)) / sum(counts),
    [
        ([np.array([1.0, 2.0]), np.array([5.0, -2.0])], [3, 1]),
        ([np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([[2.0, 2.0]])], [1, 1, 2]),
        ([np.array([4.0])], [7]),
    ],
    {
        "A shard with more samples must weigh more.": lambda gradients, counts: sum(gradients) / len(gradients),
        "That is the sum over all samples. The batch's gradient is their mean.": lambda gradients, counts: sum(
            n * g for g, n in zip(gradients, counts)
        ),
        "Divide by the number of samples, not by the number of shards.": lambda gradients, counts: (
            sum(n * g for g, n in zip(gradients, counts)) / len(counts)
        ),
        "The shards' gradients are means already: times their count they become sums, and sums may be added.": (
            lambda gradients, counts: sum(gradients) / sum(counts)
        ),
        "Just added up: but they are means, of different numbers of samples.": lambda gradients, counts: sum(gradients),
    },
)

halving_epochs = Function(
    "halving_epochs",
    total_epochs,
    [(26, 2, 3, 3), (10, 2, 3, 3), (2, 1, 4, 2)],
    {
        "That is the grid with the longest training for all. Only the best get there.": (
            lambda trials, epochs, factor, rounds: trials * epochs * factor ** (rounds - 1)
        ),
        "The trials get fewer from round to round, and their epochs *more*.": lambda trials, epochs, factor, rounds: (
            total_epochs(trials, epochs, factor, rounds, grow=lambda n: n)
        ),
        "In every round some trials drop out: only one in `factor` goes on.": lambda trials, epochs, factor, rounds: (
            total_epochs(trials, epochs, factor, rounds, keep=lambda n: n)
        ),
        "That is the last round. Those before it cost something, too.": lambda trials, epochs, factor, rounds: (
            max(1, trials // factor ** (rounds - 1)) * epochs * factor ** (rounds - 1)
        ),
        "That is the first round. The others cost something, too.": lambda trials, epochs, factor, rounds: (
            trials * epochs
        ),
        "The rounds do not all cost the same: there are no halves of trials, `//` drops them, but one at least goes on.": (
            lambda trials, epochs, factor, rounds: total_epochs(
                trials, epochs, factor, rounds, keep=lambda n: n / factor
            )
        ),
        "At least one trial goes on, even if `trials // factor` is 0.": lambda trials, epochs, factor, rounds: (
            total_epochs(trials, epochs, factor, rounds, keep=lambda n: n // factor)
        ),
    },
)

megabytes_per_step = Function(
    "megabytes_per_step",
    lambda weights, workers: 2 * workers * 4 * weights / 1e6,
    [(407050, 3), (1000000, 1), (250000, 8)],
    {
        "Weights go out *and* gradients come back.": lambda weights, workers: workers * 4 * weights / 1e6,
        "Each worker gets all weights and sends a whole gradient.": lambda weights, workers: 2 * 4 * weights / 1e6,
        "That is one copy for one worker: each gets all weights, and sends a gradient back.": lambda weights, workers: (
            4 * weights / 1e6
        ),
        "A megabyte is a million bytes here, not 1024 · 1024.": lambda weights, workers: (
            2 * workers * 4 * weights / 2**20
        ),
        "That counts numbers. A `float32` has four bytes.": lambda weights, workers: 2 * workers * weights / 1e6,
        "That would be `float64`; a `float32` has four bytes.": lambda weights, workers: (
            2 * workers * 8 * weights / 1e6
        ),
        "Those are bytes. A megabyte has a million of them.": lambda weights, workers: 2 * workers * 4 * weights,
    },
)

best_workers = Function(
    "best_workers",
    lambda compute, send: min(range(1, 17), key=lambda W: compute / W + send * W),
    [(100.0, 1.0), (8.0, 2.0), (2.0, 5.0), (1000.0, 0.1), (2.1, 1.0), (5.0, 1.0)],
    {
        "Computing alone would like as many as possible. But each worker more is one more to talk to.": (
            lambda compute, send: 16
        ),
        "That is the time of the fastest step. Asked for is the number of workers that gives it.": lambda compute, send: (
            min(compute / W + send * W for W in range(1, 17))
        ),
        "At compute / send workers the messages of one step take as long as all computing. The best is long before.": (
            lambda compute, send: max(1, min(16, round(compute / send)))
        ),
        "The best is *near* the root, but may be the whole number above it or below it: try them all.": (
            lambda compute, send: max(1, min(16, round((compute / send) ** 0.5)))
        ),
        "That is its place in the list, which begins at 0.": lambda compute, send: (
            min(range(1, 17), key=lambda W: compute / W + send * W) - 1
        ),
        "Two may be faster than one, if there is enough to compute.": lambda compute, send: 1,
    },
)
