"""Typical wrong answers to the exercises of notebook 10, as readers write them, and words of the hint for each."""

import numpy as np


def whole_blocks(size, block):
    pairs = []
    start = 0
    while start + block <= size:
        pairs.append((start, start + block))
        start += block
    return pairs


def blocks_beyond_the_end(size, block):
    return [(start, start + block) for start in range(0, size, block)]


def blocks_with_their_last_number(size, block):
    return [(start, min(start + block - 1, size - 1)) for start in range(0, size, block)]


def one_block_too_many(size, block):
    pairs, start = [], 0
    while start <= size:
        pairs.append((start, min(start + block, size)))
        start += block
    return pairs


def forward_only(samples, sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += 2 * samples * sizes[i] * sizes[i + 1]
    return total


def last_layer_spared(samples, sizes):
    total = 0
    for i in range(len(sizes) - 1):
        count = 2 if i == len(sizes) - 2 else 3
        total += count * 2 * samples * sizes[i] * sizes[i + 1]
    return total


WRONG = {
    "product_operations": [
        (lambda samples, inputs, units: np.prod([samples, inputs, units]), "there is an addition"),
        (lambda samples, inputs, units: samples * units * (inputs + inputs - 1), "as many additions"),
        (lambda samples, inputs, units: units * 2 * inputs, "each sample *and* unit"),
        (lambda samples, inputs, units: units * samples, "number of results"),
    ],
    "share_before": [
        (lambda factor, whole: 1 - 1 / whole, "time that was won"),
        (lambda factor, whole: (1 - whole) / (1 - factor), "*afterwards*"),
        (lambda factor, whole: 1 / ((1 - whole) + whole / factor), "Amdahl forwards"),
        (lambda factor, whole: whole / factor, "the rest stayed"),
    ],
    "cut_into_blocks": [
        (blocks_beyond_the_end, "beyond the end"),
        (whole_blocks, "left over at the end"),
        (blocks_with_their_last_number, "*not* in the block"),
        (one_block_too_many, "empty block"),
        (lambda size, block: [(i, min(block, size - i)) for i in range(0, size, block)], "start and *length*"),
    ],
    "step_operations": [
        (forward_only, "way forward only"),
        (lambda samples, sizes: 3 * forward_only(samples, sizes), "network's own input"),
        (lambda samples, sizes: 2 * forward_only(samples, sizes), "third product"),
        (last_layer_spared, "not the last"),
        (lambda samples, sizes: 3 * forward_only(1, sizes) - 2 * sizes[0] * sizes[1], "How many are there"),
        (lambda samples, sizes: 2 * forward_only(samples, sizes) - forward_only(samples, sizes[:2]), "backward only"),
    ],
    "fair_ratio": [
        (lambda ours, theirs: np.median(ours) / np.median(theirs), "two medians"),
        (lambda ours, theirs: np.mean(ours / theirs), "One bad round"),
        (lambda ours, theirs: ours.mean() / theirs.mean(), "loudest voice"),
        (lambda ours, theirs: sorted(theirs / ours)[len(ours) // 2], "other way round"),
        (lambda ours, theirs: [o / t for o, t in zip(ours, theirs)], "of all rounds"),
        (lambda ours, theirs: min(ours) / min(theirs), "The best of each"),
    ],
}
