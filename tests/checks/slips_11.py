"""Typical wrong answers to the exercises of notebook 11, as readers write them, and words of the hint for each."""

import numpy as np


def halve(trials, epochs, factor, rounds, fewer=True, longer=True):
    total = 0
    for _ in range(rounds):
        total = total + trials * epochs
        if fewer:
            trials = max(1, trials // factor)
        if longer:
            epochs = epochs * factor
    return total


def halve_down_to_nothing(trials, epochs, factor, rounds):
    total = 0
    for i in range(rounds):
        total += trials * epochs * factor**i
        trials //= factor
    return total


def halve_with_fractions(trials, epochs, factor, rounds):
    return sum(trials / factor**i * epochs * factor**i for i in range(rounds))


WRONG = {
    "trials_in": [
        (lambda space: sum(map(len, space.values())), "multiply"),
        (len, "How many values"),
        (lambda space: max(len(v) for v in space.values()) ** len(space), "as long as the longest"),
    ],
    "combine": [
        (lambda gradients, counts: np.mean(gradients, axis=0), "must weigh more"),
        (lambda gradients, counts: sum(g * n for g, n in zip(gradients, counts)), "sum over all samples"),
        (lambda gradients, counts: np.mean([g * n for g, n in zip(gradients, counts)], axis=0), "number of shards"),
        (lambda gradients, counts: np.sum(gradients, axis=0) / np.sum(counts), "are means already"),
        (lambda gradients, counts: np.sum(gradients, axis=0), "Just added up"),
    ],
    "halving_epochs": [
        (lambda trials, epochs, factor, rounds: trials * epochs * factor ** (rounds - 1), "longest training for all"),
        (lambda trials, epochs, factor, rounds: halve(trials, epochs, factor, rounds, longer=False), "epochs *more*"),
        (lambda trials, epochs, factor, rounds: halve(trials, epochs, factor, rounds, fewer=False), "drop out"),
        (lambda trials, epochs, factor, rounds: trials * epochs, "first round"),
        (lambda trials, epochs, factor, rounds: rounds * epochs * trials, "no halves of trials"),
        (
            lambda trials, epochs, factor, rounds: (
                max(1, trials // factor ** (rounds - 1)) * epochs * factor ** (rounds - 1)
            ),
            "last round",
        ),
        (halve_with_fractions, "no halves of trials"),
        (halve_down_to_nothing, "At least one"),
    ],
    "megabytes_per_step": [
        (lambda weights, workers: weights * 4 * workers / 1_000_000, "*and* gradients"),
        (lambda weights, workers: weights * 4 * 2 / 1e6, "Each worker"),
        (lambda weights, workers: weights * workers * 2 / 1e6, "counts numbers"),
        (lambda weights, workers: 4 * weights / 1e6, "one copy"),
        (lambda weights, workers: weights * workers * 8 / 1024**2, "1024"),
        (lambda weights, workers: weights * 16 * workers / 1e6, "`float64`"),
        (lambda weights, workers: weights * 8 * workers, "Those are bytes"),
    ],
    "best_workers": [
        (lambda compute, send: 16, "one more to talk to"),
        (lambda compute, send: np.argmin([compute / W + send for W in range(1, 17)]) + 1, "one more to talk to"),
        (lambda compute, send: min(compute / W + send * W for W in range(1, 17)), "time of the fastest"),
        (lambda compute, send: max(1, min(16, round(compute / send))), "long before"),
        (lambda compute, send: int(max(1, min(16, np.rint(np.sqrt(compute / send))))), "*near* the root"),
        (lambda compute, send: np.argmin([compute / W + send * W for W in range(1, 17)]), "begins at 0"),
        (lambda compute, send: 1, "Two may be faster"),
    ],
}
