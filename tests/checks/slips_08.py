"""Typical wrong answers to the exercises of notebook 08, as readers write them, and words of the hint for each."""

import math

import numpy as np


def towards_the_gradient(w, g, learning_rate):
    new = w.copy()
    new[g > 0] += learning_rate
    new[g < 0] -= learning_rate
    return new


def divided_by_its_size(w, g, learning_rate):
    with np.errstate(all="ignore"):
        return w - learning_rate * g / np.sqrt(g**2)


def in_a_loop_once_too_often(epoch, initial, every):
    for number in range(1, epoch + 2):
        if number % every == 0:
            initial /= 2
    return initial


def step_before_the_velocity(w, g, v, learning_rate=0.1, mu=0.9):
    new_w = w + v
    new_v = mu * v - learning_rate * g
    return new_w, new_v


def momentum_of_pytorch(w, g, v, learning_rate=0.1, mu=0.9):
    v = mu * v + g
    return w - learning_rate * v, v


def momentum_in_place(w, g, v, learning_rate=0.1, mu=0.9):
    v *= mu
    v -= learning_rate * g
    w += v
    return w, v


def added_twice(w, g, v, learning_rate=0.1, mu=0.9):
    v = mu * v - learning_rate * g
    return w + v - learning_rate * g, v


def old_velocity_ahead(w, g, v, learning_rate=0.1, mu=0.9):
    return w + mu * v - learning_rate * g, mu * v - learning_rate * g


def look_ahead_only(w, g, v, learning_rate=0.1, mu=0.9):
    v = mu * v - learning_rate * g
    return w + mu * v, v


def summed_squares(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    s = s + g * g
    return w - learning_rate * g / (s + epsilon) ** 0.5, s


def rho_exchanged(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    s = s + rho * (g * g - s)
    return w - learning_rate * g / (s + epsilon) ** 0.5, s


def without_the_root(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    s = s + (1 - rho) * (g * g - s)
    return w - learning_rate * g / (s + epsilon), s


def epsilon_outside(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    s = s + (1 - rho) * (g * g - s)
    return w - learning_rate * g / (s**0.5 + epsilon), s


def epsilon_forgotten(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    s = s + (1 - rho) * (g * g - s)
    with np.errstate(all="ignore"):
        return w - learning_rate * g / s**0.5, s


def adagrad_by_a_loop(gradients, learning_rate, start, lag=False):
    moves, s = [], np.full(gradients.shape[1], start)
    for g in gradients:
        before = s.copy()
        s = s + g**2
        moves.append(-learning_rate * g / np.sqrt((before if lag else s) + 1e-7))
    return np.array(moves)


def one_sum_for_all(gradients, learning_rate):
    sums = 0.1 + np.cumsum(gradients**2)
    return -learning_rate * gradients / np.sqrt(sums.reshape(gradients.shape) + 1e-7)


def adam_uncorrected(w, g, m, s, t, learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = m + (1 - beta_1) * (g - m)
    s = s + (1 - beta_2) * (g * g - s)
    return w - learning_rate * m / (s**0.5 + epsilon), m, s


def adam_counting_from_0(w, g, m, s, t, learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = m + (1 - beta_1) * (g - m)
    s = s + (1 - beta_2) * (g * g - s)
    m_hat, s_hat = m / (1 - beta_1 ** (t + 1)), s / (1 - beta_2 ** (t + 1))
    return w - learning_rate * m_hat / (s_hat**0.5 + epsilon), m, s


def adam_keeping_the_corrected(w, g, m, s, t, learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = (m + (1 - beta_1) * (g - m)) / (1 - beta_1**t)
    s = (s + (1 - beta_2) * (g * g - s)) / (1 - beta_2**t)
    return w - learning_rate * m / (s**0.5 + epsilon), m, s


def adam_half_corrected(w, g, m, s, t, learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = m + (1 - beta_1) * (g - m)
    s = s + (1 - beta_2) * (g * g - s)
    return w - learning_rate * (m / (1 - beta_1**t)) / (s**0.5 + epsilon), m, s


def nesterov_with_the_old_velocity(w, g, v, learning_rate=0.1, mu=0.9):
    new = mu * v - learning_rate * g
    return w + mu * new - learning_rate * g, v


def nesterov_by_numbers(w, g, v, learning_rate=0.1, mu=0.9):
    v = 0.9 * v - 0.1 * g
    return w + 0.9 * v - 0.1 * g, v


def epsilon_by_hand(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    s = rho * s + (1 - rho) * g**2
    root = np.sqrt(s)
    root[root == 0] = 1
    return w - learning_rate * g / root, s


def epsilon_in_the_average(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    s = rho * s + (1 - rho) * g**2 + epsilon
    return w - learning_rate * g / np.sqrt(s), s


def average_forgotten(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    return w - learning_rate * g / np.sqrt(rho * s + (1 - rho) * g**2 + epsilon), s


def rmsprop_by_numbers(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    s = 0.9 * s + 0.1 * g**2
    return w - 0.1 * g / np.sqrt(s + epsilon), s


def sum_without_squares(gradients, learning_rate):
    with np.errstate(all="ignore"):
        return -learning_rate * gradients / np.sqrt(0.1 + np.cumsum(gradients, axis=0) + 1e-7)


def adam(w, g, m, s, t, learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7, root=0.5):
    m = m + (1 - beta_1) * (g - m)
    s = s + (1 - beta_2) * (g * g - s)
    with np.errstate(all="ignore"):
        step = m / (s**root + epsilon) * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
    return w - learning_rate * step, m, s


WRONG = {
    "momentum_lasts": [
        (21, "One off"),
        (1 / (1 - 0.9), "what is *left*"),
        (math.log(0.1) / math.log(0.9), "whole"),
        (100, "Let Python count"),
    ],
    "sign_step": [
        (towards_the_gradient, "uphill"),
        (lambda w, g, learning_rate: w - g * learning_rate, "That is SGD"),
        (divided_by_its_size, "0 by 0"),
        (lambda w, g, learning_rate: w - learning_rate * g / np.sqrt(np.sum(g**2)), "sign of its own"),
        (lambda w, g, learning_rate: np.where(g > 0, -learning_rate, np.where(g < 0, learning_rate, 0)), "step alone"),
        (lambda w, g, learning_rate: np.where(g > 0, w - learning_rate, w + learning_rate), "should stay"),
        (lambda w, g, learning_rate: w - learning_rate * g / (abs(g) + 1e-7), "the sign alone"),
        (lambda w, g, learning_rate: w - np.sign(learning_rate * g), "moves by 1"),
    ],
    "decayed_rate": [
        (lambda epoch, initial, every: initial / 2 ** (epoch / every), "little at each epoch"),
        (in_a_loop_once_too_often, "too early"),
        (lambda epoch, initial, every: initial / (epoch // every + 1), "a third"),
        (lambda epoch, initial, every: initial / 2 if epoch >= every else initial, "only once"),
        (lambda epoch, initial, every: initial / 2 ** (epoch % every), "left over"),
        (lambda epoch, initial, every: initial * 0.5 * (epoch // every), "a power"),
        (lambda epoch, initial, every: initial / 2 ** (1 + epoch // every), "once too often"),
        (lambda epoch, initial, every: initial * 2 ** (epoch // every), "doubles"),
    ],
    "momentum_step": [
        (step_before_the_velocity, "old velocity"),
        (momentum_of_pytorch, "v gathers gradients"),
        (momentum_in_place, "changes its input"),
        (lambda w, g, v, learning_rate=0.1, mu=0.9: w + (mu * v - learning_rate * g), "give back both"),
        (lambda w, g, v, learning_rate=0.1, mu=0.9: (w - learning_rate * g, v), "plain SGD"),
        (lambda w, g, v, learning_rate=0.1, mu=0.9: (w, mu * v - learning_rate * g), "stays where it was"),
        (lambda w, g, v, learning_rate=0.1, mu=0.9: mu * v - learning_rate * g, "v alone"),
        (lambda w, g, v, learning_rate=0.1, mu=0.9: (w + 0.9 * v - 0.1 * g, 0.9 * v - 0.1 * g), "use the names"),
        (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (w - mu * v - learning_rate * g, mu * v + learning_rate * g),
            "goes against it",
        ),
    ],
    "nesterov_step": [
        (old_velocity_ahead, "plain momentum"),
        (look_ahead_only, "own part is missing"),
        (added_twice, "faded by mu"),
        (nesterov_with_the_old_velocity, "*new* velocity"),
        (nesterov_by_numbers, "use the names"),
    ],
    "rmsprop_step": [
        (summed_squares, "AdaGrad"),
        (rho_exchanged, "exchanged"),
        (without_the_root, "Its square root"),
        (epsilon_outside, "under the root"),
        (epsilon_forgotten, "0 by 0"),
        (epsilon_by_hand, "look out for 0 yourself"),
        (epsilon_in_the_average, "goes on without it"),
        (average_forgotten, "*new* s"),
        (rmsprop_by_numbers, "use the names"),
    ],
    "adagrad_moves": [
        (lambda gradients, learning_rate: adagrad_by_a_loop(gradients, learning_rate, 0.0), "start at 0 here"),
        (lambda gradients, learning_rate: adagrad_by_a_loop(gradients, learning_rate, 0.1, lag=True), "lags"),
        (lambda gradients, learning_rate: -adagrad_by_a_loop(gradients, learning_rate, 0.1), "uphill"),
        (one_sum_for_all, "along which axis it should run"),
        (sum_without_squares, "Square each"),
        (
            lambda gradients, learning_rate: -learning_rate * gradients / np.sqrt(0.1 + np.sum(gradients**2, 0) + 1e-7),
            "later steps too",
        ),
    ],
    "adam_step": [
        (adam_uncorrected, "bias correction is missing"),
        (adam_counting_from_0, "One step off"),
        (adam_keeping_the_corrected, "not the corrected ones"),
        (adam_half_corrected, "s is not"),
        (lambda *case: adam(*case, root=1), "Its square root"),
        (lambda w, g, m, s, t, *given: (adam(w, g, m, s, t, *given)[0], m, s), "*new* averages"),
        (lambda *case: [adam(*case)[i] for i in (0, 2, 1)], "wrong order"),
        (lambda w, g, m, s, t, *given: adam(w, g, m, s, t, epsilon=0), "0 by 0"),
        (lambda w, g, m, s, t, *given: adam(w, g, m, s, t), "use the names"),
    ],
}
