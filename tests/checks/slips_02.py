"""Typical wrong answers to the exercises of notebook 02, as readers write them, and words of the hint for each."""

import numpy as np


def upper_left_of_the_stack(images):
    height, width = images.shape[1:]
    return images[: height // 2, : width // 2]


def upper_right(images):
    samples, height, width = images.shape
    return images[:, : height // 2, width // 2 :]


def one_short(images):
    return images[:, : images.shape[1] // 2 - 1, : images.shape[2] // 2 - 1]


def fourteen(images):
    return np.array([image[:14, :14] for image in images])


def from_one(x, n, size):
    start = (n - 1) * size
    return x[start : start + size]


def one_too_many(x, n, size):
    start = n * size
    return x[start : start + size + 1]


def without_an_end(x, n, size):
    return x[n * size :]


def without_the_short_one(x, n, size):
    batches = [x[start : start + size] for start in range(0, len(x) - size + 1, size)]
    return batches[n] if n < len(batches) else x[:0]


def always_a_short_one(count, size):
    full = 0
    while count >= size:
        count -= size
        full += 1
    return full + 1, count


def remainder(count, size):
    return int(np.ceil(count / size)), count % size


def rounded(count, size):
    return round(count / size), count % size


def rounded_with_a_full_one(count, size):
    return round(count / size), count % size or size


def one_more_always(count, size):
    return count // size + 1, count % size or size


def width_of_the_gap(prices):
    gaps = []
    for day in prices:
        gaps.append(day[-1][0] - day[-1][1])
    return max(gaps)


def highest_day(prices):
    best = 0
    for day in range(len(prices)):
        if prices[day, -1, 0] > prices[best, -1, 0]:
            best = day
    return best


def gap_to_now(prices):
    highest, lowest, now = prices[:, -1].T
    return np.argmax(highest - now)


def gap_in_the_mean(prices):
    return np.argmax(np.mean(prices[:, :, 0] - prices[:, :, 1], axis=1))


def from_morning_to_night(prices):
    return np.argmax(np.abs(prices[:, -1, 2] - prices[:, 0, 2]))


def most_spread(prices):
    return np.argmax(prices[:, :, 2].std(axis=1))


def blind_in_place(images):
    for image in images:
        for row in range(1, len(image), 2):
            image[row] = 0
    return images


def blind_of_pictures(images):
    result = np.array(images)
    for i in range(len(result)):
        if i % 2 == 1:
            result[i] = 0
    return result


def blind_from_the_top(images):
    result = np.array(images)
    for row in range(0, images.shape[1], 2):
        result[:, row] = 0
    return result


def blind_for_32_rows(images):
    result = np.array(images)
    result[:, 1:32:2] = 0
    return result


def blind_for_28_rows(images):
    result = np.array(images)
    result[:, 1:28:2] = 0
    return result


def vertical_blind(images):
    result = np.array(images)
    for column in range(1, images.shape[2], 2):
        result[:, :, column] = 0
    return result


WRONG = {
    "sliced_shape": [
        ((100, 1, 14), "removes its axis"),
        ((101, 14), "left out"),
        ([100, 21], "seven at the beginning *and*"),
        ((100, 28, 14), "second axis, the rows"),
        ((14, 100), "one by one"),
    ],
    "after_two_changes": [
        (np.arange(6), "A slice is a view"),
        ([0, 0, 0, 0, 9, 9], "a copy"),
        ([0, 0, 0, 0, 0, 5], "`stop` is left out"),
        ([0, 1, 2, 3, 9, 9], "other way round"),
    ],
    "upper_left": [
        (upper_left_of_the_stack, "first axis counts the pictures"),
        (upper_right, "upper *right*"),
        (fourteen, "14 is half of 28"),
        (one_short, "A row and a column are missing"),
        (lambda images: images[:, 0 : images.shape[1] / 2, 0 : images.shape[2] / 2], "28 // 2"),
    ],
    "nth_batch": [
        (lambda x, n, size: x[n : size + n], "starts at sample n"),
        (from_one, "too early"),
        (lambda x, n, size: x[n * 128 : n * 128 + 128], "Here they have `size`"),
        (one_too_many, "One sample too many"),
        (without_the_short_one, "nothing is lost"),
        (without_an_end, "goes on to the end"),
    ],
    "count_batches": [
        (divmod, "full batches only"),
        (always_a_short_one, "fit exactly"),
        (remainder, "the last batch is full"),
        (rounded, "`round`"),
        (rounded_with_a_full_one, "`round`"),
        (one_more_always, "always one more"),
        (lambda count, size: (1 + (count - 1) // size, size), "left over"),
    ],
    "megabytes": [
        (30, "how many *numbers*"),
        (10 * 50 * 100 * 200 * 3 * 8 / 1e6, "as `float64`"),
        (40.0, "channels are missing"),
        (120_000_000, "in bytes"),
        (114, "Multiply all lengths"),
        ([120], "without brackets"),
    ],
    "widest_gap": [
        (width_of_the_gap, "Asked for is the day"),
        (highest_day, "highest *minus* the lowest"),
        (gap_to_now, "highest minus *now*"),
        (lambda prices: np.argmax(prices[..., 0] - prices[..., 1]), "counts through all"),
        (gap_in_the_mean, "through all minutes"),
        (from_morning_to_night, "how far the price came"),
        (most_spread, "by hand"),
    ],
    "venetian_blind": [
        (blind_in_place, "changes its input"),
        (blind_of_pictures, "Whole pictures"),
        (blind_from_the_top, "begin with row 1"),
        (vertical_blind, "Those are columns"),
        (blind_for_32_rows, "Leave out `stop`"),
        (blind_for_28_rows, "Leave out `stop`"),
        (lambda images: images.copy(), "Nothing has changed"),
    ],
}
