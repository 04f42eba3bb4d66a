"""Typical wrong answers to the exercises of notebook 07, as readers write them, and words of the hint for each."""

import numpy as np


def uphill(slope, w, learning_rate, steps):
    for _ in range(steps):
        w += learning_rate * slope(w)
    return w


def same_slope_each_time(slope, w, learning_rate, steps):
    s = slope(w)
    for _ in range(steps):
        w = w - learning_rate * s
    return w


def returns_in_the_loop(slope, w, learning_rate, steps):
    while True:
        w = w - learning_rate * slope(w)
        return w


def one_more(slope, w, learning_rate, steps):
    done = 0
    while done <= steps:
        w, done = w - learning_rate * slope(w), done + 1
    return w


def one_less(slope, w, learning_rate, steps):
    for _ in range(1, steps):
        w = w - learning_rate * slope(w)
    return w


def relu_in_place(da, z):
    da[z <= 0] = 0
    return da


def relu_by_loops(da, z):
    dz = np.zeros_like(da)
    for i in range(da.shape[0]):
        for j in range(da.shape[1]):
            if z[i, j] >= 0:
                dz[i, j] = da[i, j]
    return dz


def soft(z, axis=1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def soft_that_overflows(z, y_true):
    with np.errstate(all="ignore"):
        e = np.exp(z)
        return (e / e.sum(axis=1, keepdims=True) - y_true) / len(z)


def dense(da, x, W, b, mask=None, mean=False, turned=False, keepdims=False):
    z = np.dot(x, W) + b
    dz = np.where(z > 0 if mask is None else mask(z, da), da, 0.0)
    dW, db = np.dot(x.transpose(), dz), np.sum(dz, axis=0, keepdims=keepdims)
    if mean:
        dW, db = dW / x.shape[0], db / x.shape[0]
    return dW.T if turned else dW, db, np.dot(dz, W.transpose())


def dense_as_the_kernel_does(da, x, W, b):
    dW, db, dx = dense(da, x, W, b)
    return dx, dW, db


def nudged(f, x, h=1e-5):
    x, g = x.copy(), np.zeros_like(x)
    for i in range(x.size):
        x.flat[i] += h
        high = f(x)
        x.flat[i] -= 2 * h
        low = f(x)
        x.flat[i] += h
        g.flat[i] = (high - low) / (2 * h)
    return g


def new_place_without_a_name(slope, w, learning_rate, steps):
    for _ in range(steps):
        w - learning_rate * slope(w)
    return w


def nothing_to_start_from(slope, w, learning_rate, steps):
    for _ in range(steps):
        w = learning_rate * slope(w)
    return w


def slope_built_in(slope, w, learning_rate, steps):
    for _ in range(steps):
        w = w - learning_rate * 2 * w
    return w


def to_the_right(f, x, h=1e-5):
    return np.array([(f(x + h * one) - f(x)) / h for one in np.eye(x.size).reshape(-1, *x.shape)]).reshape(x.shape)


WRONG = {
    "one_step_down": [
        (3.6, "against the slope"),
        (-3.0, "without a learning rate"),
        (2.1, "the *slope*"),
        (2.7, "formula of the derivative"),
        (0.6, "Where do you arrive"),
        (9, "First the slope"),
    ],
    "central_slope": [
        (lambda f, w, h: (f(w + h) - f(w)) / h, "to the right only"),
        (lambda f, w, h: (f(w) - f(w - h)) / h, "to the left only"),
        (lambda f, w, h: (f(w + h) - f(w - h)) / h, "How far apart"),
        (lambda f, w, h: 0.5 * h * (f(w + h) - f(w - h)), "from left to right"),
        (lambda f, w, h: (f(w - h) - f(w + h)) / h / 2, "sign"),
        (lambda f, w, h: (f(w + h) - f(w - h)) / 2, "2 alone"),
        (lambda f, w, h: (f(w + h / 2) - f(w - h / 2)) / h, "a whole h"),
    ],
    "walk_downhill": [
        (uphill, "walks *up*"),
        (same_slope_each_time, "found once"),
        (returns_in_the_loop, "a single step"),
        (one_more, "too many"),
        (one_less, "too few"),
        (new_place_without_a_name, "arrive where you started"),
        (nothing_to_start_from, "starts from w"),
        (slope_built_in, "slope of w² only"),
    ],
    "first_diverging_rate": [
        (lambda c: 0.5 / c, "factor is 0"),
        (lambda c: 2 * c**-1, "−3"),
        (lambda c: 1, "right for c = 1"),
        (lambda c: c * 1.0, "the *smaller*"),
    ],
    "back_through_relu": [
        (relu_by_loops, "your comparison"),
        (lambda da, z: np.maximum(da, 0), "the sign of z"),
        (lambda da, z: np.where(z > 0, 1.0, 0.0), "gradient times slope"),
        (lambda da, z: da * np.maximum(z, 0), "not z itself"),
        (relu_in_place, "changes its input"),
    ],
    "gradient_of_scores": [
        (lambda z, y_true: soft(z) - y_true, "*mean* over the samples"),
        (lambda z, y_true: (y_true - soft(z)) / z.shape[0], "sign"),
        (lambda z, y_true: (soft(z) - y_true) / y_true.shape[1], "not over the classes"),
        (lambda z, y_true: (soft(z, axis=0) - y_true) / len(z), "along which axis"),
        (soft_that_overflows, "overflows"),
        (lambda z, y_true: soft(z) - y_true / len(z), "Division comes before"),
        (lambda z, y_true: -(y_true * np.log(np.maximum(soft(z), 1e-300))).sum() / len(z), "the loss itself"),
    ],
    "back_through_dense": [
        (lambda da, x, W, b: dense(da, x, W, b, lambda z, da: z == z), "through relu first"),
        (lambda da, x, W, b: dense(da, x, W, b, lambda z, da: z >= 0), "exactly 0"),
        (lambda da, x, W, b: dense(da, x, W, b, lambda z, da: da > 0), "not on the gradient"),
        (lambda da, x, W, b: dense(da, x, W, b, lambda z, da: z - b > 0), "The bias"),
        (lambda da, x, W, b: dense(da, x, W, b, mean=True), "in da already"),
        (lambda da, x, W, b: dense(da, x, W, b, turned=True), "the shape of W"),
        (dense_as_the_kernel_does, "another order"),
        (lambda da, x, W, b: dense(da, x, W, b, keepdims=True), "without `keepdims`"),
        (lambda da, x, W, b: dense(da * (np.dot(x, W) + b), x, W, b, lambda z, da: z == z), "not z itself"),
        (lambda da, x, W, b: (*dense(da, x, W, b)[:2], np.dot(da, W.T)), "starts from dz"),
        (lambda da, x, W, b: np.dot(x, da.T), "If two shapes don't meet"),
        (lambda da, x, W, b: dense(-da, x, W, b), "wrong is dW, db, dx"),
    ],
    "gradient_check": [
        (lambda f, gradient, x: np.sum(nudged(f, x)) - np.sum(gradient(x)) < 1e-6, "It says True"),
        (lambda f, gradient, x: bool(np.isclose(np.sum(nudged(f, x)), np.sum(gradient(x)))), "number by number"),
        (lambda f, gradient, x: np.array_equal(nudged(f, x), gradient(x)), "exactly the same"),
        (lambda f, gradient, x: np.isclose(nudged(f, x), gradient(x)), "One answer"),
        (lambda f, gradient, x: bool(np.allclose(abs(nudged(f, x)), abs(gradient(x)))), "sign counts"),
        (lambda f, gradient, x: bool(np.allclose(to_the_right(f, x), gradient(x))), "to both sides"),
    ],
}
