"""The exercises of notebook 10."""

import numpy as np

from helpers.checks.core import Function


def products(samples, sizes, first=2, others=3, each=2):
    """Operations of a step: so many products for the first layer and the others, so many operations for each pair."""
    pairs = [inputs * units for inputs, units in zip(sizes, sizes[1:])]
    return each * samples * (first * pairs[0] + others * sum(pairs[1:]))


def cut(size, block, end=None):
    """Pairs (start, stop), the last one cut off by `end(stop)`."""
    return [(start, (end or (lambda stop: min(stop, size)))(start + block)) for start in range(0, size, block)]


product_operations = Function(
    "product_operations",
    lambda samples, inputs, units: 2 * samples * inputs * units,
    [(128, 784, 512), (1, 3, 2), (2, 1, 1)],
    {
        "Those are the multiplications. For each there is an addition, too.": lambda samples, inputs, units: (
            samples * inputs * units
        ),
        "That is exact, for a sum of n numbers has n − 1 additions. We count as the text does: "
        "as many additions as multiplications.": lambda samples, inputs, units: samples * (2 * inputs - 1) * units,
        "How many results are there? One for each sample *and* unit.": lambda samples, inputs, units: (
            2 * inputs * units
        ),
        "That is the number of results. How much work is each of them?": lambda samples, inputs, units: samples * units,
    },
)

share_before = Function(
    "share_before",
    lambda factor, whole: (1 - 1 / whole) / (1 - 1 / factor),
    [(2.0, 1 / 0.875), (10.0, 1 / 0.55), (4.0, 1.0), (3.0, 3.0)],
    {
        "That is Amdahl forwards: what you are given as `whole` is no share. "
        "Write down 1 / whole, then solve for the share.": lambda factor, whole: 1 / (1 - whole + whole / factor),
        "That is the share of the time that was won. The part still takes some of it: a `factor`-th.": (
            lambda factor, whole: 1 - 1 / whole
        ),
        "That is the share which the part has *afterwards*.": lambda factor, whole: (whole - 1) / (factor - 1),
        "A quotient of the two does not know that the rest stayed as it was.": lambda factor, whole: whole / factor,
    },
)

cut_into_blocks = Function(
    "cut_into_blocks",
    cut,
    [(10, 4), (8, 4), (3, 5), (7, 1)],
    {
        "The last block reaches beyond the end.": lambda size, block: cut(size, block, lambda stop: stop),
        "What is left over at the end makes a block, too, though a shorter one.": lambda size, block: [
            (i * block, (i + 1) * block) for i in range(size // block)
        ],
        "`stop` is the first number that is *not* in the block, as in a slice: the next block starts there.": (
            lambda size, block: cut(size, block, lambda stop: min(stop, size) - 1)
        ),
        "There is an empty block at the end: if the blocks come out even, nothing is left over.": lambda size, block: [
            (i * block, min((i + 1) * block, size)) for i in range(size // block + 1)
        ],
        "Pairs of start and *length*; asked for are start and stop.": lambda size, block: [
            (start, stop - start) for start, stop in cut(size, block)
        ],
    },
)

step_operations = Function(
    "step_operations",
    products,
    [(128, [784, 512, 10]), (1, [3, 2]), (2, [5, 4, 3, 2])],
    {
        "That is the way forward only. Backward, each layer has a product for the gradient of its weights, and more.": (
            lambda samples, sizes: products(samples, sizes, 1, 1)
        ),
        "Nobody needs the gradient of the network's own input: the first layer has one product fewer.": (
            lambda samples, sizes: products(samples, sizes, 3, 3)
        ),
        "For the layers above the first there is a third product: `dz @ W.T`, the gradient of their input.": (
            lambda samples, sizes: products(samples, sizes, 2, 2)
        ),
        "The right products, but each multiplication comes with an addition.": lambda samples, sizes: products(
            samples, sizes, each=1
        ),
        "That is one sample. How many are there?": lambda samples, sizes: products(1, sizes),
        "That is the way backward only. There is a product forward in each layer, too.": lambda samples, sizes: (
            products(samples, sizes, 1, 2)
        ),
        "It is the *first* layer that can do without a product, not the last.": lambda samples, sizes: products(
            samples, sizes[::-1]
        ),
    },
)

fair_ratio = Function(
    "fair_ratio",
    lambda ours, theirs: np.median(ours / theirs),
    [
        (np.array([1.5, 30.0, 1.6, 1.5, 1.8]), np.array([1.0, 10.0, 1.0, 1.25, 1.0])),
        (np.array([2.0, 2.0, 50.0]), np.array([1.0, 1.6, 10.0])),
        (np.array([3.0]), np.array([4.0])),
    ],
    {
        "First the ratio of each round, then the median: the two medians may come from different rounds.": (
            lambda ours, theirs: np.median(ours) / np.median(theirs)
        ),
        "One bad round pulls a mean wherever it likes. Which middle does not care?": lambda ours, theirs: (
            ours / theirs
        ).mean(),
        "In a ratio of sums or means the worst round has the loudest voice.": lambda ours, theirs: (
            ours.sum() / theirs.sum()
        ),
        "That is the other way round: how many times as long *theirs* takes.": lambda ours, theirs: np.median(
            theirs / ours
        ),
        "These are the ratios of all rounds. Of them, the one in the middle.": lambda ours, theirs: ours / theirs,
        "The best of each may come from different rounds, and rounds differ.": lambda ours, theirs: (
            ours.min() / theirs.min()
        ),
    },
)
