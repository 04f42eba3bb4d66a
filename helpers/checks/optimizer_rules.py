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
        "Where a gradient is 0, the weight should stay, and not go one way or the other.": (
            lambda w, g, learning_rate: w - learning_rate * np.where(g > 0, 1, -1)
        ),
        "Nearly: with a tiny number in the divisor, small gradients make steps that are a little too short. "
        "Take the sign alone.": lambda w, g, learning_rate: w - learning_rate * g / (np.abs(g) + 1e-7),
        "Each weight moves by 1. Where is the learning rate?": lambda w, g, learning_rate: w - np.sign(g),
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
        "Halving again and again means times 0.5, each time anew: a power, `0.5 ** …`.": lambda epoch, initial, every: (
            initial / 2 * (epoch // every)
        ),
        "Halved once too often: before the first `every` epochs are over, it is still `initial`.": (
            lambda epoch, initial, every: initial * 0.5 ** (epoch // every + 1)
        ),
        "That doubles it each time.": lambda epoch, initial, every: initial * 2 ** (epoch // every),
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


# ── update rules, and the same with a slip ──


def momentum(w, g, v, learning_rate=0.1, mu=0.9):
    return one_update(SGD(learning_rate, momentum=mu), w, g, v)


def nesterov(w, g, v, learning_rate=0.1, mu=0.9):
    return one_update(SGD(learning_rate, momentum=mu, nesterov=True), w, g, v)


def faded(v, step, mu):
    return mu * v - step


def by_velocity(change, move=lambda new, old, step, mu: new):
    """A rule like momentum's. change: makes the new velocity of the old one, of the plain step η g, and of mu.
    move: what is added to w."""

    def update(w, g, v, learning_rate=0.1, mu=0.9):
        new = change(v, learning_rate * g, mu)
        return w + move(new, v, learning_rate * g, mu), new

    return update


WITH_VELOCITY = [
    (np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -2.0]), np.array([0.5, -0.5, 1.0])),
    (np.array([1.0, 2.0]), np.array([4.0, -1.0]), np.array([0.0, 0.0])),
    (numbers(0, 2, 3), numbers(1, 2, 3), numbers(2, 2, 3), 0.5, 0.5),
]

momentum_step = Function(
    "momentum_step",
    momentum,
    WITH_VELOCITY,
    {
        "The step is taken with the old velocity. First let the gradient change it, then step with the new one.": (
            by_velocity(faded, lambda new, old, step, mu: old)
        ),
        "The velocity is right, but w stays where it was. By what does it move?": by_velocity(
            faded, lambda new, old, step, mu: 0
        ),
        "There, v gathers gradients, and the learning rate comes in only at the step. "
        "In this rule the velocity is a step already, downhill: w moves by v itself.": (
            lambda w, g, v, learning_rate=0.1, mu=0.9: (w - learning_rate * (mu * v + g), mu * v + g)
        ),
        "The velocity points uphill: the gradient enters it with a minus.": by_velocity(
            lambda v, step, mu: mu * v + step
        ),
        "Your velocity points uphill, and w goes against it. In this rule it points downhill, the given one too: "
        "the gradient enters it with a minus, and w moves by plus v.": by_velocity(
            lambda v, step, mu: mu * v + step, lambda new, old, step, mu: -new
        ),
        "v is right. But it points downhill already, so it is added to w.": by_velocity(
            faded, lambda new, old, step, mu: -new
        ),
        "That v is averaged: the new gradient is scaled by 1 - mu. In this rule it comes in full, as η g.": by_velocity(
            lambda v, step, mu: mu * v - (1 - mu) * step
        ),
        "The old velocity is kept in full, so it never fades. Which factor stands before v?": by_velocity(
            lambda v, step, mu: v - step
        ),
        "The two results come in the wrong order: first w, then v.": lambda *case: momentum(*case)[::-1],
        "That is w alone. The velocity is needed at the next step: give back both, `w, v`.": (
            lambda *case: momentum(*case)[0]
        ),
        "That is v alone. Give back both, `w, v`.": lambda *case: momentum(*case)[1],
        "That is plain SGD; the velocity makes no difference.": by_velocity(
            lambda v, step, mu: v, lambda new, old, step, mu: -step
        ),
        "In this case the learning rate and mu are 0.5. The 0.1 and 0.9 hold only if nothing else is given: "
        "use the names.": lambda w, g, v, *given: momentum(w, g, v),
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
        "The look ahead is there, but the gradient's own part is missing in the step of w.": by_velocity(
            faded, lambda new, old, step, mu: mu * new
        ),
        "The look ahead is too far: in the step, the velocity is faded by mu.": by_velocity(
            faded, lambda new, old, step, mu: new - step
        ),
        "v is right, and in the step of w the gradient has the wrong sign.": by_velocity(
            faded, lambda new, old, step, mu: mu * new + step
        ),
        "w is right. Give back the *new* velocity, too.": lambda *case: (nesterov(*case)[0], case[2]),
        "w is right. Give back the new velocity, not the look ahead.": lambda *case: (
            nesterov(*case)[0],
            nesterov(*case)[0] - case[0],
        ),
        "The two results come in the wrong order: first w, then v.": lambda *case: nesterov(*case)[::-1],
        "That is w alone. The velocity is needed at the next step: give back both, `w, v`.": (
            lambda *case: nesterov(*case)[0]
        ),
        "In this case the learning rate and mu are 0.5. The 0.1 and 0.9 hold only if nothing else is given: "
        "use the names.": lambda w, g, v, *given: nesterov(w, g, v),
    },
)


def rmsprop(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
    # RMSprop of helpers keeps (s + epsilon) / (1 - rho) in place of s.
    w, u = one_update(RMSprop(learning_rate, rho, epsilon=epsilon), w, g, (s + epsilon) / (1 - rho))
    return w, u * (1 - rho) - epsilon


def by_squares(
    average=lambda s, g, rho: rho * s + (1 - rho) * g**2, divisor=lambda new, old, epsilon: np.sqrt(new + epsilon)
):
    """A rule like RMSprop's. average: makes the new s of the old one; divisor: what g is divided by."""

    def update(w, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-7):
        new = average(s, g, rho)
        with np.errstate(divide="ignore", invalid="ignore"):
            return w - learning_rate * g / divisor(new, s, epsilon), new

    return update


rmsprop_step = Function(
    "rmsprop_step",
    rmsprop,
    [
        (np.array([1.0, 2.0]), np.array([4.0, -0.5]), np.array([0.0, 0.0])),
        (np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -2.0]), np.array([0.0, 9.0, 1.0])),
        (numbers(0, 2, 3), numbers(1, 2, 3), numbers(2, 2, 3) ** 2, 0.5, 0.5),
        (np.array([1.0]), np.array([0.002]), np.array([0.0])),
    ],
    {
        "That adds up all squares, as AdaGrad does. RMSprop averages: the old s is scaled by rho, g² by 1 - rho.": (
            by_squares(lambda s, g, rho: s + g**2)
        ),
        "The old s fades, but the new square comes in full. In an average, the two shares sum to 1.": by_squares(
            lambda s, g, rho: rho * s + g**2
        ),
        "The two shares are exchanged: with rho = 0.9, nine tenths of the *old* s are kept.": by_squares(
            lambda s, g, rho: (1 - rho) * s + rho * g**2
        ),
        "The step divides by the old s. First let the gradient change s, then divide.": by_squares(
            divisor=lambda new, old, epsilon: np.sqrt(old + epsilon)
        ),
        "s is right, but you divide by s itself. Its square root has the size of a gradient.": by_squares(
            divisor=lambda new, old, epsilon: new + epsilon
        ),
        "The gradient itself is averaged. Average its *square*, so that s is never negative.": by_squares(
            lambda s, g, rho: rho * s + (1 - rho) * g
        ),
        "Nearly. The epsilon stands under the root, together with s.": by_squares(
            divisor=lambda new, old, epsilon: np.sqrt(new) + epsilon
        ),
        "Where g and s are 0, you divide 0 by 0: that's what the epsilon is for.": by_squares(
            divisor=lambda new, old, epsilon: np.sqrt(new)
        ),
        "You look out for 0 yourself. In this rule the epsilon does it, and it also counts where s is tiny.": by_squares(
            divisor=lambda new, old, epsilon: np.where(new > 0, np.sqrt(new), 1)
        ),
        "The step is right. But the epsilon belongs into the step alone: s goes on without it.": (
            lambda *case: (rmsprop(*case)[0], rmsprop(*case)[1] + 1e-7)
        ),
        "w is right. Give back the *new* s, too.": lambda *case: (rmsprop(*case)[0], case[2]),
        "That walks uphill: the step goes against the gradient.": lambda *case: (
            2 * case[0] - rmsprop(*case)[0],
            rmsprop(*case)[1],
        ),
        "The two results come in the wrong order: first w, then s.": lambda *case: rmsprop(*case)[::-1],
        "That is w alone. The average is needed at the next step: give back both, `w, s`.": (
            lambda *case: rmsprop(*case)[0]
        ),
        "In this case the learning rate and rho are 0.5. The 0.1 and 0.9 hold only if nothing else is given: "
        "use the names.": lambda w, g, s, *given: rmsprop(w, g, s),
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
    with np.errstate(invalid="ignore"):
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
        "The gradients themselves are added up. Square each of them first.": lambda gradients, learning_rate: _moves(
            gradients, 0.1 + np.cumsum(gradients, axis=0), learning_rate
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


def by_averages(
    mend=lambda one, two: np.sqrt(two) / one,
    step=lambda m, s, g, epsilon: m / (np.sqrt(s) + epsilon),
    late=0,
    old=False,
):
    """A rule like Adam's. mend: makes the factor of 1 - beta_1ᵗ and 1 - beta_2ᵗ; step: what it is multiplied by.
    late: added to t. old: whether the step is made of the old averages."""

    def update(w, g, m, s, t, learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        new = beta_1 * m + (1 - beta_1) * g, beta_2 * s + (1 - beta_2) * g**2
        with np.errstate(all="ignore"):
            factor = mend(np.float64(1 - beta_1 ** (t + late)), np.float64(1 - beta_2 ** (t + late)))
            return w - learning_rate * factor * step(*((m, s) if old else new), g, epsilon), *new

    return update


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
        (numbers(4, 3), numbers(5, 3), numbers(6, 3), numbers(7, 3) ** 2, 2, 0.5, 0.8, 0.9),
    ],
    {
        "The bias correction is missing: both averages start at 0, and at first they are much too small. "
        "What stands in front of the step?": by_averages(lambda one, two: 1),
        "m is corrected for its start at 0, and s is not.": by_averages(lambda one, two: 1 / one),
        "s is corrected for its start at 0, and m is not.": by_averages(lambda one, two: np.sqrt(two)),
        "In the correction, 1 - beta_2ᵗ stands under a root, as s does.": by_averages(lambda one, two: two / one),
        "The correction does not use the step: beta_1 and beta_2 are raised to the power t.": (
            lambda w, g, m, s, t, *given: (by_averages()(w, g, m, s, 1, *given)[0], *adam(w, g, m, s, t, *given)[1:])
        ),
        "One step off: t is the number of this very step, and 1 at the first.": by_averages(late=1),
        "One step off: t is 1 at the first update already. With t - 1, the first one divides 0 by 0.": by_averages(
            late=-1
        ),
        "The correction is the wrong way up: which of the two averages is divided by the other?": by_averages(
            lambda one, two: one / np.sqrt(two)
        ),
        "w is right. Give back the plain averages, not the corrected ones: else they are corrected again at each step.": (
            lambda w, g, m, s, t: (
                adam(w, g, m, s, t)[0],
                adam(w, g, m, s, t)[1] / (1 - 0.9**t),
                adam(w, g, m, s, t)[2] / (1 - 0.999**t),
            )
        ),
        "The two betas are exchanged: beta_1 belongs to the gradients, beta_2 to their squares.": (
            lambda w, g, m, s, t: adam(w, g, m, s, t, 0.1, 0.999, 0.9)
        ),
        "The step uses the old averages. First let the gradient change them.": by_averages(old=True),
        "The step uses the gradient itself, as RMSprop does. Adam steps by its average, m.": by_averages(
            step=lambda m, s, g, epsilon: g / (np.sqrt(s) + epsilon)
        ),
        "The averages are right, but you divide by s itself. Its square root has the size of a gradient.": by_averages(
            step=lambda m, s, g, epsilon: m / (s + epsilon)
        ),
        "Where g, m and s are 0, you divide 0 by 0: that's what the epsilon is for.": by_averages(
            step=lambda m, s, g, epsilon: m / np.sqrt(s)
        ),
        "w is right. Give back the *new* averages, too.": lambda *case: (adam(*case)[0], case[2], case[3]),
        "w is right. The averages come in the wrong order: `w, m, s`.": lambda *case: [
            adam(*case)[i] for i in (0, 2, 1)
        ],
        "That walks uphill: the step goes against the average gradient.": lambda *case: (
            2 * case[0] - adam(*case)[0],
            *adam(*case)[1:],
        ),
        "That is w alone. The averages are needed at the next step: give back `w, m, s`.": lambda *case: adam(*case)[0],
        "In this case learning_rate, beta_1 and beta_2 are 0.5, 0.8 and 0.9. The others hold only if nothing else is "
        "given: use the names.": lambda w, g, m, s, t, *given: adam(w, g, m, s, t),
    },
    tolerance=1e-4,  # m and s may also be corrected first and divided then; that moves the epsilon a little
)
