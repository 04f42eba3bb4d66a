"""Typical wrong answers to the exercises of notebook 01, as readers write them, and words of the hint for each."""

import math

import numpy as np


def weights_without_biases(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1]
    return total


def one_bias_a_layer(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1] + 1
    return total


def each_layer_sees_the_pixels(sizes):
    total = 0
    for units in sizes[1:]:
        total += (sizes[0] + 1) * units
    return total


def first_layer_only(sizes):
    return (sizes[0] + 1) * sizes[1]


def a_bias_for_each_input_too(sizes):
    total = sum(sizes)
    for i in range(1, len(sizes)):
        total += sizes[i - 1] * sizes[i]
    return total


def two_layers_always(sizes):
    return sizes[0] * sizes[1] + sizes[1] + sizes[1] * sizes[2] + sizes[2]


def unit_without_relu(x, W, b):
    z = b
    for i in range(len(x)):
        z += x[i] * W[i]
    return z


def unit_with_many_biases(x, W, b):
    z = 0
    for pixel, weight in zip(x, W):
        z += pixel * weight + b
    return max(z, 0)


def relu_of_each(x, W, b):
    z = 0
    for pixel, weight in zip(x, W):
        z += max(pixel * weight, 0)
    return max(z + b, 0)


def unit_with_an_early_return(x, W, b):
    z = b
    for pixel, weight in zip(x, W):
        z += pixel * weight
        return max(z, 0)


def one_hot_from_one(label):
    row = [0] * 10
    row[label - 1] = 1
    return row


def one_hot_to_the_label(label):
    return [0] * label + [1]


def label_at_its_place(label):
    row = np.zeros(10)
    row[label] = label
    return row


def one_picture(images):
    return images.reshape((1, 784)) / 255


def count_of_right(y_pred, labels):
    right = 0
    for row, label in zip(y_pred, labels):
        if row.argmax() == label:
            right += 1
    return right


def share_of_wrong(y_pred, labels):
    wrong = 0
    for row, label in zip(y_pred, labels):
        wrong += int(np.argmax(row)) != label
    return wrong / len(labels)


def second_smallest(y_pred):
    return np.array([list(row).index(sorted(row)[1]) for row in y_pred])


def second_of_ten(y_pred):
    return np.argsort(y_pred, axis=1)[:, 8]


def second_probability(y_pred):
    return [sorted(row)[-2] for row in y_pred]


WRONG = {
    "output_shape": [
        ((128, 512), "The second layer goes on"),
        ((10, 128), "the pictures come first"),
        ((10,), "go through together"),
        ([128, 784], "That goes in"),
        ((512, 10), "What does the 1 stand for"),
    ],
    "count_weights": [
        (weights_without_biases, "biases are missing"),
        (one_bias_a_layer, "more than one bias"),
        (each_layer_sees_the_pixels, "Only the first layer sees the input"),
        (first_layer_only, "first layer alone"),
        (a_bias_for_each_input_too, "The pixels have no bias"),
        (two_layers_always, "as many layers as"),
    ],
    "unit_output": [
        (unit_without_relu, "A negative sum came through"),
        (unit_with_many_biases, "added once"),
        (relu_of_each, "once, at the very end"),
        (lambda x, W, b: max(np.dot(x, W), 0.0), "bias is missing"),
        (unit_with_an_early_return, "`return` stand inside the loop"),
        (lambda x, W, b: abs(np.dot(x, W) + b), "turns the sign"),
    ],
    "one_hot": [
        (one_hot_from_one, "one place too early"),
        (one_hot_to_the_label, "always ten numbers"),
        (label_at_its_place, "always 1"),
        (lambda label: np.arange(10) == label, "True and False"),
        (lambda label: [i == label for i in range(10)], "True and False"),
        (lambda label: [0] * label + [1] + [0] * (10 - label), "Expected 10 entries"),
    ],
    "prepare_images": [
        (lambda images: images.reshape((len(images), 784)).astype("float32"), "still go up to 255"),
        (lambda images: images.reshape((len(images), 784)), "still whole ones"),
        (lambda images: images.astype("float32") / 255, "still squares"),
        (lambda images: images.reshape((60000, 28 * 28)).astype("float32") / 255, "any number of pictures"),
        (one_picture, "any number of pictures"),
        (lambda images: (images.reshape((len(images), 784)) / 255).astype("uint8"), "dtype for whole numbers"),
        (lambda images: images.flatten() / 255.0, "one long row"),
        (lambda images: images.reshape(len(images), 784) / np.max(images), "a pale picture should stay pale"),
    ],
    "loss_of_one": [
        (lambda y_pred, label: math.log(y_pred[label]), "sign is the wrong way round"),
        (lambda y_pred, label: -math.log(max(y_pred)), "however small"),
        (lambda y_pred, label: -math.log10(y_pred[label]), "base 10"),
        (lambda y_pred, label: 1 - y_pred[label], "takes a logarithm"),
    ],
    "how_often_right": [
        (count_of_right, "how *many*"),
        (share_of_wrong, "*wrong* answers"),
        (lambda y_pred, labels: np.mean(np.argmax(y_pred, 0) == labels), "`axis=0`"),
        (lambda y_pred, labels: np.mean(np.argmax(y_pred) == labels), "Without an axis"),
    ],
    "second_guess": [
        (lambda y_pred: np.argmax(y_pred, axis=1), "first guess"),
        (second_smallest, "second *smallest*"),
        (second_probability, "These are the probabilities"),
        (lambda y_pred: np.argsort(y_pred, axis=1)[-2], "one *row*"),
        (second_of_ten, "Count from the end"),
    ],
}
