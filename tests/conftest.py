"""What tests of several folders share."""

import math
import random
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure: no test is judged by its time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

FLOATS = SimpleNamespace(relu=lambda x: max(x, 0.0), exp=math.exp, log=math.log)

# Each takes nodes a and b, a plain number n, an exponent p, and m, which has relu, exp and log for the kind of a and b.
OPERATIONS = [
    lambda a, b, n, p, m: a + b,
    lambda a, b, n, p, m: a - b,
    lambda a, b, n, p, m: a * b,
    lambda a, b, n, p, m: a / b,
    lambda a, b, n, p, m: a * a,
    lambda a, b, n, p, m: -a,
    lambda a, b, n, p, m: a + n,
    lambda a, b, n, p, m: a - n,
    lambda a, b, n, p, m: n - a,
    lambda a, b, n, p, m: n * a,
    lambda a, b, n, p, m: n / a,
    lambda a, b, n, p, m: a / n,
    lambda a, b, n, p, m: a**p,
    lambda a, b, n, p, m: m.relu(a) + b,  # 0 by itself would be out of bounds, and half of relu untested
    lambda a, b, n, p, m: m.exp(a),
    lambda a, b, n, p, m: m.log(a),
]


class Expression(NamedTuple):
    """A random expression: call it with leaves of any kind of number, and with that kind's relu, exp and log."""

    leaves: list
    steps: list

    def __call__(self, leaves, functions):
        nodes = list(leaves)
        for operation, i, j, n, p in self.steps:
            nodes.append(operation(nodes[i], nodes[j], n, p, functions))
        return sum(nodes)  # so that every step matters


@pytest.fixture(params=range(200))
def expression(request):
    """200 expressions of 2 to 5 leaves and 20 steps, away from relu's kink and the ends of all domains."""
    r = random.Random(request.param)
    leaves = [r.choice([-1, 1]) * r.uniform(0.4, 2) for _ in range(r.randint(2, 5))]
    nodes, steps = list(leaves), []
    while len(steps) < 20:
        i, j = r.choices(range(len(nodes)), k=2)
        step = r.choice(OPERATIONS), i, j, r.uniform(0.5, 3), r.choice([-2, -1, 0, 0.5, 1, 1.7, 2, 3])
        try:
            value = step[0](nodes[i], nodes[j], *step[3:], FLOATS)
        except ValueError:
            continue  # the logarithm of a negative number
        if isinstance(value, float) and 0.2 < abs(value) < 5:  # a negative base's root is complex
            nodes.append(value)
            steps.append(step)
    return Expression(leaves, steps)


@pytest.fixture
def floats():
    """relu, exp and log of plain numbers."""
    return FLOATS
