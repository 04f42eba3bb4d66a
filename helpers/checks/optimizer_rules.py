"""The exercises of notebook 08. The update rules are those of `helpers.optimizers`."""

import numpy as np

from helpers.checks.core import Function, Value
from helpers.optimizers import SGD, Adagrad, Adam, RMSprop


def one_update(optimizer, w, g, *state):
    """(the new w, the new state …) after one update by an optimizer of ours."""
    w, state = w.copy(), [array.copy() for array in state]
    optimizer.update(w, g, *state, np.empty_like(w))
    return w, *state


def numbers(seed, *shape):
    """Random numbers for a case, the same each time, none of them near 0."""
    random = np.random.default_rng(seed)
    return (random.choice([-1, 1], shape) * random.uniform(0.2, 2, shape)).round(1)


momentum_lasts = Value(
    "momentum_lasts",
    22,
    {
        "One off. After the first step v is 0.9, after the second 0.81, and it must be *below* 0.1.": lambda a: (
            a in (21, 23)
        ),
        "Each step takes a tenth of what is *left*, not a tenth of 1: v is 0.9, then 0.81, then 0.729 …": lambda a: (
            8.9 < a < 11.1
        ),
        "Steps are whole: at the end of which one is v below 0.1 for the first time?": lambda a: 21 < a < 22,
    },
    "Let Python count: multiply by 0.9 in a loop, until the result is below 0.1.",
)

sign_step = Function(
    "sign_step",
    lambda w, g, learning_rate: w - learning_rate * np.sign(g),
    [
        (np.array([1.0, 1.0, -2.0]), np.array([0.5, -3.0, 20.0]), 0.1),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[-0.001, 7.0], [0.0, -2.0]]), 0.5),
        (numbers(0, 2, 3), numbers(1, 2, 3), 0.01),
    ],
    {
        "That walks uphill. The gradient points to where the loss rises, and you want it to fall.": (
            lambda w, g, learning_rate: w + learning_rate * np.sign(g)
        ),
        "That is SGD: its step grows with the gradient. Only the sign of the gradient should count.": (
            lambda w, g, learning_rate: w - learning_rate * g
        ),
        "Where a gradient is 0, you divide 0 by 0. What should a weight do there?": lambda w, g, learning_rate: (
            w - learning_rate * _by_its_size(g)
        ),
        "That divides by the length of the whole gradient. Each weight has a sign of its own.": (
            lambda w, g, learning_rate: w - learning_rate * g / np.linalg.norm(g)
        ),
        "That is the step alone. Asked for is where the weights are after it.": lambda w, g, learning_rate: (
            -learning_rate * np.sign(g)
        ),
    },
)


def _by_its_size(g):
    with np.errstate(invalid="ignore"):
        return g / np.abs(g)


decayed_rate = Function(
    "decayed_rate",
    lambda epoch, initial, every: initial * 0.5 ** (epoch // every),
    [(0, 0.1, 10), (9, 0.1, 10), (10, 0.1, 10), (25, 0.8, 5), (7, 0.3, 3)],
    {
        "Yours falls a little at each epoch. It should stay the same for `every` epochs, then halve at once.": (
            lambda epoch, initial, every: initial * 0.5 ** (epoch / every)
        ),
        "That halves at each epoch. How often has it been halved by then?": lambda epoch, initial, every: (
            initial * 0.5**epoch
        ),
        "That halves only once. Each further stretch of `every` epochs halves it again.": lambda epoch, initial, every: (
            initial if epoch < every else initial / 2
        ),
        "That gives a half, a third, a fourth … Halving again and again gives a half, a quarter, an eighth.": (
            lambda epoch, initial, every: initial / (1 + epoch // every)
        ),
        "One epoch off: epochs count from 0 here, so epoch `every` is the first with half the rate.": (
            lambda epoch, initial, every: initial * 0.5 ** ((epoch - 1) // every if epoch else 0)
        ),
        "One epoch too early: epochs count from 0, so epoch `every - 1` still has the old rate.": (
            lambda epoch, initial, every: initial * 0.5 ** ((epoch + 1) // every)
        ),
        "That is the rate it starts with, at each epoch. How often has it been halved by then?": (
            lambda epoch, initial, every: initial
        ),
        "`%` gives what is left over by the division. You want to know how many times it goes.": (
            lambda epoch, initial, every: initial * 0.5 ** (epoch % every)
        ),
    },
)


def momentum(w, g, v, learning_rate=0.1, mu=0.9):
    return one_update(SGD(learning_rate, momentum=mu), w, g, v)


def nesterov(w, g, v, learning_rate=0.1, mu=0.9):
    return one_update(SGD(learning_rate, momentum=mu, nesterov=True), w, g, v)


WITH_VELOCITY = [
    (np.array([1.0, 2.0]), np.array([4.0, -1.0]), np.array([0.0, 0.0])),
    (np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -2.0]), np.array([0.5, -0.5, 1.0])),
    (numbers(0, 2, 3), numbers(1, 2, 3), numbers(2, 2, 3), 0.5, 0.5),
]

momentum_step = Function(
    "momentum_step",
    momentum,
    WITH_VELOCITY,
    {
        "The step is taken with the old velocity. First let the gradient change it, then step with the new one.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (w + v, mu * v - learning_rate * g)
        ),
        "There, v gathers gradients, and the learning rate comes in only at the step. "
        "In this rule the velocity is a step already, downhill: w moves by v itself.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (w - learning_rate * (mu * v + g), mu * v + g)
        ),
        "The velocity points uphill: the gradient enters it with a minus.": lambda w, g, v, learning_rate=0.1, mu=0.9: (
            w + mu * v + learning_rate * g,
            mu * v + learning_rate * g,
        ),
        "v is right. But it points downhill already, so it is added to w.": lambda w, g, v, learning_rate=0.1, mu=0.9: (
            w - (mu * v - learning_rate * g),
            mu * v - learning_rate * g,
        ),
        "That v is averaged: the new gradient is scaled by 1 - mu. In this rule it comes in full, as η g.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (
                w + mu * v - (1 - mu) * learning_rate * g,
                mu * v - (1 - mu) * learning_rate * g,
            )
        ),
        "The old velocity is kept in full, so it never fades. Which factor stands before v?": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (w + v - learning_rate * g, v - learning_rate * g)
        ),
        "The two results come in the wrong order: first w, then v.": lambda w, g, v, learning_rate=0.1, mu=0.9: (
            momentum(w, g, v, learning_rate, mu)[::-1]
        ),
        "That is w alone. The velocity is needed at the next step: give back both, `w, v`.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: momentum(w, g, v, learning_rate, mu)[0]
        ),
        "That is plain SGD; the velocity makes no difference.": lambda w, g, v, learning_rate=0.1, mu=0.9: (
            w - learning_rate * g,
            v,
        ),
    },
)

nesterov_step = Function(
    "nesterov_step",
    nesterov,
    WITH_VELOCITY,
    {
        "That is the step of plain momentum. Nesterov's fades the velocity *after* the gradient has changed it.": (
            momentum
        ),
        "The look ahead is there, but the gradient's own part is missing in the step of w.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (
                w + mu * (mu * v - learning_rate * g),
                mu * v - learning_rate * g,
            )
        ),
        "The look ahead is too far: in the step, the velocity is faded by mu.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (w + mu * v - 2 * learning_rate * g, mu * v - learning_rate * g)
        ),
        "v is right, and in the step of w the gradient has the wrong sign.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (
                w + mu * (mu * v - learning_rate * g) + learning_rate * g,
                mu * v - learning_rate * g,
            )
        ),
        "The two results come in the wrong order: first w, then v.": lambda w, g, v, learning_rate=0.1, mu=0.9: (
            nesterov(w, g, v, learning_rate, mu)[::-1]
        ),
        "That is w alone. The velocity is needed at the next step: give back both, `w, v`.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: nesterov(w, g, v, learning_rate, mu)[0]
        ),
        "w is right. Give back the new velocity, not the look ahead.": lambda w, g, v, learning_rate=0.1, mu=0.9: (
            nesterov(w, g, v, learning_rate, mu)[0],
            nesterov(w, g, v, learning_rate, mu)[0] - w,
        ),
    },
)


def rmsprop(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    # RMSprop of helpers keeps (s + epsilon) / (1 - rho) in place of s.
    w, u = one_update(RMSprop(learning_rate, rho, epsilon=epsilon), w, g, (s + epsilon) / (1 - rho))
    return w, u * (1 - rho) - epsilon


def _divided(w, g, s, by, learning_rate=0.1):
    """(w, s) after a step in which g is divided by something."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return w - learning_rate * g / by(s), s


rmsprop_step = Function(
    "rmsprop_step",
    rmsprop,
    [
        (np.array([1.0, 2.0]), np.array([4.0, -0.5]), np.array([0.0, 0.0])),
        (np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -2.0]), np.array([0.0, 9.0, 1.0])),
        (numbers(0, 2, 3), numbers(1, 2, 3), numbers(2, 2, 3) ** 2, 0.5, 0.5),
        (np.array([1.0]), np.array([0.001]), np.array([0.0])),
    ],
    {
        "That adds up all squares, as AdaGrad does. RMSprop averages: the old s is scaled by rho, g² by 1 - rho.": (
            lambda w, g, s, learning_rate=0.1, rho=0.9: _divided(
                w, g, s + g**2, lambda s: np.sqrt(s + 1e-7), learning_rate
            )
        ),
        "The old s fades, but the new square comes in full. In an average, the two shares sum to 1.": (
            lambda w, g, s, learning_rate=0.1, rho=0.9: _divided(
                w, g, rho * s + g**2, lambda s: np.sqrt(s + 1e-7), learning_rate
            )
        ),
        "The two shares are exchanged: with rho = 0.9, nine tenths of the *old* s are kept.": (
            lambda w, g, s, learning_rate=0.1, rho=0.9: _divided(
                w, g, (1 - rho) * s + rho * g**2, lambda s: np.sqrt(s + 1e-7), learning_rate
            )
        ),
        "The step divides by the old s. First let the gradient change s, then divide.": (
            lambda w, g, s, learning_rate=0.1, rho=0.9: (
                _divided(w, g, s, lambda s: np.sqrt(s + 1e-7), learning_rate)[0],
                rmsprop(w, g, s, learning_rate, rho)[1],
            )
        ),
        "s is right, but you divide by s itself. Its square root has the size of a gradient.": (
            lambda w, g, s, learning_rate=0.1, rho=0.9: _divided(
                w, g, rmsprop(w, g, s, learning_rate, rho)[1], lambda s: s + 1e-7, learning_rate
            )
        ),
        "The gradient itself is averaged. Average its *square*, so that s is never negative.": (
            lambda w, g, s, learning_rate=0.1, rho=0.9: _divided(
                w, g, rho * s + (1 - rho) * g, lambda s: np.sqrt(s + 1e-7), learning_rate
            )
        ),
        "Nearly. The epsilon stands under the root, together with s.": lambda w, g, s, learning_rate=0.1, rho=0.9: (
            _divided(w, g, rmsprop(w, g, s, learning_rate, rho)[1], lambda s: np.sqrt(s) + 1e-7, learning_rate)
        ),
        "Where g and s are 0, you divide 0 by 0: that's what the epsilon is for.": (
            lambda w, g, s, learning_rate=0.1, rho=0.9: _divided(
                w, g, rho * s + (1 - rho) * g**2, np.sqrt, learning_rate
            )
        ),
        "That walks uphill: the step goes against the gradient.": lambda w, g, s, learning_rate=0.1, rho=0.9: (
            2 * w - rmsprop(w, g, s, learning_rate, rho)[0],
            rmsprop(w, g, s, learning_rate, rho)[1],
        ),
        "The two results come in the wrong order: first w, then s.": lambda w, g, s, learning_rate=0.1, rho=0.9: (
            rmsprop(w, g, s, learning_rate, rho)[::-1]
        ),
        "That is w alone. The average is needed at the next step: give back both, `w, s`.": (
            lambda w, g, s, learning_rate=0.1, rho=0.9: rmsprop(w, g, s, learning_rate, rho)[0]
        ),
    },
)


def adagrad(gradients, learning_rate):
    optimizer, w, moves = Adagrad(learning_rate), np.zeros(gradients.shape[1]), []
    for g in gradients:
        before = w.copy()
        optimizer.apply([g], [w])
        moves.append(w - before)
    return np.array(moves)


def _moves(gradients, sums, learning_rate):
    return -learning_rate * gradients / np.sqrt(sums + 1e-7)


adagrad_moves = Function(
    "adagrad_moves",
    adagrad,
    [
        (np.array([[1.0, 0.0], [1.0, 2.0], [1.0, -2.0]]), 0.1),
        (numbers(0, 3, 3), 0.5),
        (numbers(1, 1, 4), 0.1),
        (numbers(2, 5, 2), 1.0),
    ],
    {
        "The sums run along the weights. Each weight adds up its own squares, step after step: along which axis?": (
            lambda gradients, learning_rate: _moves(gradients, 0.1 + np.cumsum(gradients**2, axis=1), learning_rate)
        ),
        "The running sum goes on from one weight to the next. Say along which axis it should run.": (
            lambda gradients, learning_rate: _moves(
                gradients, 0.1 + np.cumsum(gradients**2).reshape(gradients.shape), learning_rate
            )
        ),
        "`np.cumsum` without an axis makes one long vector of all numbers. The sums should run down each column.": (
            lambda gradients, learning_rate: _moves(gradients, 0.1 + np.cumsum(gradients**2), learning_rate)
        ),
        "Each step uses the sum of *all* squares, those of later steps too. A step knows only what has been.": (
            lambda gradients, learning_rate: _moves(gradients, 0.1 + (gradients**2).sum(axis=0), learning_rate)
        ),
        "Each step uses its own square alone. AdaGrad adds those of the steps before.": lambda gradients, learning_rate: (
            _moves(gradients, 0.1 + gradients**2, learning_rate)
        ),
        "The sum doesn't start at 0 here. With what does it start?": lambda gradients, learning_rate: _moves(
            gradients, np.cumsum(gradients**2, axis=0), learning_rate
        ),
        "The 0.1 comes in at each step. It is only what the sum starts with.": lambda gradients, learning_rate: _moves(
            gradients, np.cumsum(gradients**2 + 0.1, axis=0), learning_rate
        ),
        "The sum lags one step behind: the present gradient counts already.": lambda gradients, learning_rate: _moves(
            gradients, 0.1 + np.cumsum(gradients**2, axis=0) - gradients**2, learning_rate
        ),
        "Divide by the square root of the sum, not by the sum.": lambda gradients, learning_rate: (
            -learning_rate * gradients / (0.1 + np.cumsum(gradients**2, axis=0) + 1e-7)
        ),
        "The steps have the right size, and lead uphill.": lambda gradients, learning_rate: (
            -adagrad(gradients, learning_rate)
        ),
        "These are the places, one after the other. Asked for are the moves from each to the next.": (
            lambda gradients, learning_rate: np.cumsum(adagrad(gradients, learning_rate), axis=0)
        ),
    },
)


def adam(w, g, m, s, t, learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    optimizer = Adam(learning_rate, beta_1, beta_2, epsilon)
    optimizer.iterations = t
    return one_update(optimizer, w, g, m, s)


def _adam_with(w, g, m, s, factor, learning_rate=0.1, beta_1=0.9, beta_2=0.999):
    """Adam with another factor in front of the step."""
    m, s = beta_1 * m + (1 - beta_1) * g, beta_2 * s + (1 - beta_2) * g**2
    return w - learning_rate * factor * m / (np.sqrt(s) + 1e-7), m, s


def _adam_one_behind(w, g, m, s, t):
    with np.errstate(all="ignore"):
        return _adam_with(w, g, m, s, np.sqrt(1 - 0.999 ** (t - 1)) / np.float64(1 - 0.9 ** (t - 1)))


def _both_averages_mended(w, g, m, s, t):
    w, m, s = adam(w, g, m, s, t)
    return w, m / (1 - 0.9**t), s / (1 - 0.999**t)


def _adam_by_the_old(w, g, m, s, t):
    mend = np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return w - 0.1 * mend * m / (np.sqrt(s) + 1e-7), *adam(w, g, m, s, t)[1:]


adam_step = Function(
    "adam_step",
    adam,
    [
        (np.array([1.0, 2.0]), np.array([4.0, -0.5]), np.array([0.0, 0.0]), np.array([0.0, 0.0]), 1),
        (
            np.array([1.0, 2.0, 3.0]),
            np.array([0.0, 1.0, -2.0]),
            np.array([0.0, 0.4, 0.1]),
            np.array([0.0, 0.2, 0.01]),
            5,
        ),
        (numbers(0, 2, 3), numbers(1, 2, 3), numbers(2, 2, 3), numbers(3, 2, 3) ** 2, 100),
    ],
    {
        "The bias correction is missing: both averages start at 0, and at first they are much too small. "
        "What stands in front of the step?": lambda w, g, m, s, t: _adam_with(w, g, m, s, 1),
        "m is corrected for its start at 0, and s is not.": lambda w, g, m, s, t: _adam_with(
            w, g, m, s, 1 / (1 - 0.9**t)
        ),
        "s is corrected for its start at 0, and m is not.": lambda w, g, m, s, t: _adam_with(
            w, g, m, s, np.sqrt(1 - 0.999**t)
        ),
        "In the correction, 1 - beta_2ᵗ stands under a root, as s does.": lambda w, g, m, s, t: _adam_with(
            w, g, m, s, (1 - 0.999**t) / (1 - 0.9**t)
        ),
        "The correction does not use the step: beta_1 and beta_2 are raised to the power t.": (
            lambda w, g, m, s, t: _adam_with(w, g, m, s, np.sqrt(1 - 0.999) / (1 - 0.9))
        ),
        "One step off: t is the number of this very step, and 1 at the first.": lambda w, g, m, s, t: _adam_with(
            w, g, m, s, np.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
        ),
        "One step off: t is 1 at the first update already. With t - 1, the first one divides 0 by 0.": _adam_one_behind,
        "The correction is the wrong way up: which of the two averages is divided by the other?": (
            lambda w, g, m, s, t: _adam_with(w, g, m, s, (1 - 0.9**t) / np.sqrt(1 - 0.999**t))
        ),
        "w is right. Give back the plain averages, not the corrected ones: else they are corrected again at each step.": (
            _both_averages_mended
        ),
        "The two betas are exchanged: beta_1 belongs to the gradients, beta_2 to their squares.": (
            lambda w, g, m, s, t: adam(w, g, m, s, t, 0.1, 0.999, 0.9)
        ),
        "The step uses the old averages. First let the gradient change them.": _adam_by_the_old,
        "The step uses the gradient itself, as RMSprop does. Adam steps by its average, m.": lambda w, g, m, s, t: (
            w - 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * g / (np.sqrt(adam(w, g, m, s, t)[2]) + 1e-7),
            *adam(w, g, m, s, t)[1:],
        ),
        "That walks uphill: the step goes against the average gradient.": lambda w, g, m, s, t: (
            2 * w - adam(w, g, m, s, t)[0],
            *adam(w, g, m, s, t)[1:],
        ),
        "That is w alone. The averages are needed at the next step: give back `w, m, s`.": lambda w, g, m, s, t: adam(
            w, g, m, s, t
        )[0],
    },
    tolerance=1e-4,  # m and s may also be corrected first and divided then; that moves the epsilon a little
)
