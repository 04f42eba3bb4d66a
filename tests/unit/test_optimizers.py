"""Every update rule: first steps by hand as numbers, then 200 steps against the textbook rule written plainly."""

import copy

import numpy as np
import pytest

from helpers import optimizers
from helpers.optimizers import BLOCK, SGD, Adagrad, Adam, RMSprop


def step(optimizer, w, *gradients):
    """The weight (a scalar) after each of the gradients."""
    w = np.array([w])
    seen = []
    for g in gradients:
        optimizer.apply([np.array([g])], [w])
        seen.append(w[0])
    return seen


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        # All start at w = 1 and meet the gradients 2, then -4, then 1; worked out with pencil and calculator.
        # w - 0.1·g: 1 - 0.2, 0.8 + 0.4, 1.2 - 0.1
        (SGD(0.1), [0.8, 1.2, 1.1]),
        # v: -0.2, 0.5·-0.2 + 0.4 = 0.3, 0.5·0.3 - 0.1 = 0.05; w += v
        (SGD(0.1, momentum=0.5), [0.8, 1.1, 1.15]),
        # same v, but w += 0.5·v - 0.1·g: -0.1 - 0.2, 0.15 + 0.4, 0.025 - 0.1
        (SGD(0.1, momentum=0.5, nesterov=True), [0.7, 1.25, 1.175]),
        # v: 4 (from 0), 20, 21; steps 0.1·2/2, -0.4/√20, 0.1/√21
        (Adagrad(0.1, initial_accumulator_value=0, epsilon=0), [0.9, 0.9894427191, 0.9676209301]),
        # v starts at 5: 9, 25, 26; steps 0.2/3, -0.4/5, 0.1/√26
        (Adagrad(0.1, initial_accumulator_value=5, epsilon=0), [0.9333333333, 1.0133333333, 0.9937217198]),
        # epsilon inside the root: v + 5 = 9, 25, 26 once more
        (Adagrad(0.1, initial_accumulator_value=0, epsilon=5), [0.9333333333, 1.0133333333, 0.9937217198]),
        # v: 0.5·4 = 2, 1 + 8 = 9, 4.5 + 0.5 = 5; steps 0.2/√2, -0.4/3, 0.1/√5
        (RMSprop(0.1, rho=0.5, epsilon=0), [0.8585786438, 0.9919119771, 0.9471906175]),
        # epsilon inside the root: v + 7 = 9, 16, 12; steps 0.2/3, -0.4/4, 0.1/√12
        (RMSprop(0.1, rho=0.5, epsilon=7), [0.9333333333, 1.0333333333, 1.0044658199]),
        # mean: 1, -1.5, -0.25; v - mean²: 1, 6.75, 4.9375
        (RMSprop(0.1, rho=0.5, epsilon=0, centered=True), [0.8, 0.9539600718, 0.9089565560]),
        # steps of the plain one gather speed: s = 0.5·s + step, w -= s
        (RMSprop(0.1, rho=0.5, epsilon=0, momentum=0.5), [0.8585786438, 0.9212012990, 0.9077912669]),
        # centred steps 0.2, -0.1539600718, 0.0450035158 gather speed: 0.2, -0.0539600718, 0.0180234799
        (RMSprop(0.1, rho=0.5, epsilon=0, centered=True, momentum=0.5), [0.8, 0.8539600718, 0.8359365919]),
        # corrected m̂: 2, -2, -2/7; v̂ (beta_2 = 0.75): 4, 10.857142857, 6.594594595; steps 0.1·m̂/√v̂
        (Adam(0.1, beta_1=0.5, beta_2=0.75, epsilon=0), [0.9, 0.9606976979, 0.9718236684]),
    ],
)
def test_first_steps_by_hand(optimizer, expected):
    optimizer = copy.deepcopy(optimizer)  # the test may run again in the same process (make mutants)
    assert step(optimizer, 1.0, 2.0, -4.0, 1.0) == pytest.approx(expected, rel=1e-9)
    assert optimizer.iterations == 3


def test_adam_epsilon_by_hand():
    # step 1: 0.1·√(1-0.75)/(1-0.5)·m/(√v + eps) with m = 1, v = 1, eps = 1: 0.1·1/2
    assert step(Adam(0.1, beta_1=0.5, beta_2=0.75, epsilon=1), 1.0, 2.0) == pytest.approx([0.95])


# The rules as the textbooks and Keras 3 write them: plain NumPy, new arrays at each step, no blocks.


def textbook_sgd(w, gradients, lr, momentum=0.0, nesterov=False):
    v = 0
    for g in gradients:
        v = momentum * v - lr * g
        w = w + momentum * v - lr * g if nesterov else w + v
    return w


def textbook_adagrad(w, gradients, lr, initial_accumulator_value=0.1, epsilon=1e-7):
    v = initial_accumulator_value
    for g in gradients:
        v = v + g**2
        w = w - lr * g / np.sqrt(v + epsilon)
    return w


def textbook_rmsprop(w, gradients, lr, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    v = mean = s = 0
    for g in gradients:
        v = rho * v + (1 - rho) * g**2
        mean = rho * mean + (1 - rho) * g
        s = momentum * s + lr * g / np.sqrt(v - (mean**2 if centered else 0) + epsilon)
        w = w - s
    return w


def textbook_adam(w, gradients, lr, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = v = 0
    for t, g in enumerate(gradients, 1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        w = w - lr * np.sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (np.sqrt(v) + epsilon)
    return w


RULES = [
    (SGD, textbook_sgd, {}),
    (SGD, textbook_sgd, {"momentum": 0.9}),
    (SGD, textbook_sgd, {"momentum": 0.9, "nesterov": True}),
    (SGD, textbook_sgd, {"nesterov": True}),
    (Adagrad, textbook_adagrad, {}),
    (Adagrad, textbook_adagrad, {"initial_accumulator_value": 0.5, "epsilon": 1e-3}),
    (RMSprop, textbook_rmsprop, {}),
    (RMSprop, textbook_rmsprop, {"rho": 0.5, "epsilon": 1e-2}),
    (RMSprop, textbook_rmsprop, {"centered": True}),
    (RMSprop, textbook_rmsprop, {"momentum": 0.8}),
    (RMSprop, textbook_rmsprop, {"centered": True, "momentum": 0.8, "rho": 0.95}),
    (Adam, textbook_adam, {}),
    (Adam, textbook_adam, {"beta_1": 0.7, "beta_2": 0.99, "epsilon": 1e-3}),
]


def gradients_like(w, count=200):
    """Random gradients of very different sizes, drifting from step to step, with some zeros among them."""
    r = np.random.default_rng(1)
    fixed = [r.normal(size=w.shape) * 10.0 ** r.integers(-4, 3, w.shape) for _ in range(5)]
    for t in range(count):
        g = fixed[t % 5] * np.cos(t / 7)
        g[..., ::50] = 0
        yield g


@pytest.mark.parametrize(("kind", "textbook", "options"), RULES)
def test_200_steps_of_the_textbook_rule(kind, textbook, options):
    start = np.random.default_rng(0).normal(size=(3, BLOCK // 2 + 5))  # one block and a half, odd end
    w, optimizer = start.copy(), kind(0.01, **options)
    for g in gradients_like(w):
        optimizer.apply([g], [w])
    assert optimizer.iterations == 200
    np.testing.assert_allclose(w, textbook(start, gradients_like(w), 0.01, **options), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("kind", "textbook", "options"), RULES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_several_arrays_each_with_its_own_state(kind, textbook, options, dtype):
    r = np.random.default_rng(0)
    starts = [r.normal(size=shape).astype(dtype) for shape in [(4, 3), (3,), (BLOCK + 1,), (1,), ()]]
    arrays, optimizer = [w.copy() for w in starts], kind(0.01, **options)
    steps = [list(gradients_like(w[None], 3)) for w in starts]  # [None]: room for the zeros in a scalar too
    for gs in zip(*steps):
        gs = [g[0].astype(dtype) for g in gs]
        before = [g.copy() for g in gs]
        optimizer.apply(gs, arrays)
        for g, same in zip(gs, before):
            np.testing.assert_array_equal(g, same)  # gradients are read only
    for w, start, gs in zip(arrays, starts, steps):
        assert w.dtype == dtype
        gs = [g[0].astype(dtype).astype("float64") for g in gs]
        expected = textbook(start.astype("float64"), gs, 0.01, **options)
        rtol, atol = (1e-5, 2e-5) if dtype == "float32" else (1e-9, 1e-11)
        np.testing.assert_allclose(w, expected, rtol=rtol, atol=atol)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (SGD, {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False}),
        (Adagrad, {"learning_rate": 0.001, "initial_accumulator_value": 0.1, "epsilon": 1e-7}),
        (RMSprop, {"learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False}),
        (Adam, {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}),
    ],
)
def test_defaults_are_those_of_keras(kind, expected):
    optimizer = kind()
    assert {name: getattr(optimizer, name) for name in expected} == expected


@pytest.mark.parametrize("kind", optimizers.OPTIMIZERS.values())
def test_in_place_and_the_learning_rate_may_change(kind):
    optimizer, w, g = kind(0.1), np.ones(3), np.ones(3)
    address = w.ctypes.data
    optimizer.apply([g], [w])
    assert w.ctypes.data == address
    assert (w < 1).all()
    before = w.copy()
    optimizer.learning_rate = 0
    optimizer.apply([g], [w])
    np.testing.assert_array_equal(w, before)


@pytest.mark.parametrize("size", [1.0, 10.0, 100.0, 3000.0])
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_centered_rmsprop_of_a_constant_gradient(size, momentum):
    # v - mean² goes to 0 then, and in float32 its rounding error is larger than epsilon: never the root of a negative.
    optimizer, w = RMSprop(centered=True, momentum=momentum), np.zeros(2, "float32")
    for _ in range(500):
        optimizer.apply([np.array([size, -size], "float32")], [w])
    assert np.isfinite(w).all()
    assert w[0] < 0 < w[1]


def test_centered_rmsprop_steps_at_most_as_if_v_were_epsilon():
    optimizer, w, largest = RMSprop(0.01, rho=0.5, centered=True), np.zeros(1, "float32"), 0
    for _ in range(500):
        w[...] = 0
        optimizer.apply([np.array([3000], "float32")], [w])
        largest = max(largest, -w[0])
    assert largest == pytest.approx(0.01 * 3000 / 1e-7**0.5, rel=1e-5)  # and rounding does lead there


@pytest.mark.parametrize(
    ("kind", "options", "arrays"),
    [
        (SGD, {}, 1),
        (Adagrad, {}, 1),
        (RMSprop, {}, 1),
        (RMSprop, {"momentum": 0.5}, 2),
        (RMSprop, {"centered": True}, 2),
        (RMSprop, {"centered": True, "momentum": 0.5}, 3),
        (Adam, {}, 2),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_more_memory_than_the_rule_needs(kind, options, arrays, dtype):
    optimizer = kind(**options)
    optimizer.build([np.ones((2, BLOCK), dtype)])
    *state, scratch = optimizer._state[0]
    assert [a.shape for a in state] == [(2 * BLOCK,)] * arrays
    assert scratch.shape == (BLOCK,)
    assert {a.dtype for a in (*state, scratch)} == {np.dtype(dtype)}


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────

BAD = [
    (SGD, "learning_rate", [-0.1, float("nan"), float("inf"), "fast", None]),
    (SGD, "momentum", [-0.1, 1, "x"]),
    (Adagrad, "initial_accumulator_value", [-1, None]),
    (Adagrad, "epsilon", [-1]),
    (RMSprop, "rho", [-0.1, 1, 1.5]),
    (RMSprop, "momentum", [1]),
    (RMSprop, "epsilon", [-1]),
    (Adam, "beta_1", [-0.1, 1]),
    (Adam, "beta_2", [-0.1, 1]),
    (Adam, "epsilon", [-1]),
]


@pytest.mark.parametrize(("kind", "name", "value"), [(kind, name, v) for kind, name, vs in BAD for v in vs])
def test_bad_arguments(kind, name, value):
    with pytest.raises(ValueError, match=f"{name} must be a number with 0 ≤ {name} < (1|inf), but got {value!r}"):
        kind(**{name: value})


@pytest.mark.parametrize("value", BAD[0][2])
@pytest.mark.parametrize("kind", optimizers.OPTIMIZERS.values())
def test_a_bad_learning_rate_later(kind, value):
    optimizer = kind(0.5)
    with pytest.raises(
        ValueError, match=f"learning_rate must be a number with 0 ≤ learning_rate < inf, but got {value!r}"
    ):
        optimizer.learning_rate = value
    assert optimizer.learning_rate == 0.5


def test_numpy_numbers_are_numbers():
    assert SGD(np.float32(0.5)).learning_rate == 0.5


@pytest.mark.parametrize("kind", optimizers.OPTIMIZERS.values())
class TestMismatches:
    def refused(self, optimizer, grads, arrays, message):
        before = [w.copy() for w in arrays]
        iterations = optimizer.iterations
        with pytest.raises(ValueError, match=message):
            optimizer.apply(grads, arrays)
        assert optimizer.iterations == iterations
        for w, same in zip(arrays, before):
            np.testing.assert_array_equal(w, same)

    def test_number_of_gradients(self, kind):
        self.refused(kind(), [np.ones(2)], [np.ones(2), np.ones(3)], "1 gradients met 2 weight arrays")

    @pytest.mark.parametrize(
        ("g", "w"), [((2, 3), (3, 2)), ((6,), (3, 2)), ((1, 2), (3, 2)), ((BLOCK + 2,), (BLOCK + 3,))]
    )
    def test_shapes(self, kind, g, w):
        message = f"gradient 1 has shape {g}, but weight array 1 has {w}".replace("(", r"\(").replace(")", r"\)")
        self.refused(kind(), [np.ones(1), np.ones(g)], [np.ones(1), np.ones(w)], message)

    @pytest.mark.parametrize(
        ("first", "second"),
        # the last two: equal sizes, and equal arrays, are a different network as well; Keras refuses them too
        [((2,), (3,)), ((BLOCK + 5,), (BLOCK + 9,)), ((2 * BLOCK,), (BLOCK + 9,)), ((2, 3), (3, 2)), ((4,), (4,))],
    )
    def test_a_second_network(self, kind, first, second):
        optimizer = kind()
        optimizer.apply([np.ones(first)], [np.ones(first)])
        message = r"built for\. An optimizer remembers its weights: make a new one for a new network\.$"
        self.refused(optimizer, [np.ones(second)], [np.ones(second)], message)

    def test_a_second_network_of_other_length(self, kind):
        optimizer = kind()
        optimizer.apply([np.ones(2)], [np.ones(2)])
        two = [np.ones(2), np.ones(2)]
        self.refused(optimizer, two, two, "2 gradients met 2 weight arrays; .* built for 1.*make a new one")

    def test_not_contiguous(self, kind):
        # A reshaped copy would be updated and thrown away: the weights would never move.
        wide = np.ones((3, 4))
        self.refused(kind(), [np.ones((3, 2))], [wide[:, ::2]], "weight array 0 or its gradient is not contiguous")
        self.refused(kind(), [wide[:, ::2]], [np.ones((3, 2))], "weight array 0 or its gradient is not contiguous")
        self.refused(kind(), [np.ones((4, 3))], [np.ones((3, 4)).T], "not contiguous")

    def test_the_same_weights_through_new_views_are_welcome(self, kind):
        optimizer, w = kind(0.1), np.ones((2, 3))
        for _ in range(2):
            optimizer.apply([np.ones((2, 3))], [w[:]])
        assert optimizer.iterations == 2
        assert (w < 1).all()


def test_get():
    assert isinstance(optimizers.get("RMSprop"), RMSprop)
    assert optimizers.get(Adam).learning_rate == 0.001
    mine = SGD()
    assert optimizers.get(mine) is mine
    with pytest.raises(ValueError, match="^Unknown optimizer .* Did you mean 'adam'"):
        optimizers.get("adm")
    for nothing in (3, None, dict):
        with pytest.raises(ValueError, match=r"^optimizer must be a name \(.*'adam'\) or an object, but got "):
            optimizers.get(nothing)


def test_a_rule_of_ones_own_needs_only_update():
    class Sign(optimizers.Optimizer):
        def update(self, w, g, t):
            np.sign(g, out=t)
            t *= self.learning_rate
            w -= t

    w = np.ones(BLOCK + 2)
    Sign(0.25).apply([np.full(BLOCK + 2, -3.0)], [w])
    assert (w == 1.25).all()
