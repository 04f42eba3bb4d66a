"""A computation graph of single numbers, and backpropagation through it: the chain rule in one line of `backward`."""

import math
from numbers import Real


class Value:
    """A node of a computation graph: one number, and how it came about.

    data: the number. name: what a drawing calls it. op: the operation that made it, "" for a number given by the reader.
    parents: the nodes it was made from. slopes: d(this node)/d(parent), one number for each parent.
    grad: d(output)/d(this node), once `output.backward()` has run.

    Arithmetic on a Value (``+ - * / **`` with numbers on either side, `relu`, `exp`, `log`) makes a new Value. Two rules
    keep the kinds of nodes few: ``a - b`` is made as ``a + b·(-1)``, and ``a / b`` as ``a · b**-1``. Data and slopes are
    computed once, as the expression is evaluated: after changing the data of a leaf, evaluate the expression again.
    """

    __slots__ = ("data", "grad", "name", "op", "parents", "slopes")
    __array_ufunc__ = None  # so that NumPy leaves `array * value` to us, and the reader meets our message

    def __init__(self, data, name=""):
        self.data, self.name = _number("a Value", data), name
        self.grad = 0.0
        self.op, self.parents, self.slopes = "", (), ()

    def __repr__(self):
        return f"Value({self.data}, name={self.name!r})" if self.name else f"Value({self.data})"

    def backward(self):
        """Backpropagation: fill in `grad`, the slope of this output with regard to the node, for every node of its graph.

        All grads of the graph are set to 0 first, so a second call gives the same grads again. Nothing accumulates from
        call to call, unlike in PyTorch, and so there is nothing to reset in between.
        """
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):  # children first: a node's grad is complete when it is passed on
            for parent, slope in zip(node.parents, node.slopes):
                parent.grad += slope * node.grad  # the chain rule; every path adds its share

    # ── the operations with a node of their own: the result beside its slopes ───────────────────────────────────────

    def __add__(self, other):
        other = _value(other)
        return _node("+", (self, other), self.data + other.data, (1.0, 1.0))

    def __mul__(self, other):
        other = _value(other)
        return _node("×", (self, other), self.data * other.data, (other.data, self.data))

    def __pow__(self, exponent):
        if isinstance(exponent, Value):
            raise TypeError(
                f"an exponent must be a plain number, but got {exponent}: write a**b as (a.log() * b).exp()"
            )
        x, n = self.data, _number("an exponent", exponent)
        if x < 0 and not n.is_integer():
            raise ValueError(f"{self} ** {n:g} is not a real number: a negative base needs a whole exponent")
        if x == 0 and n < 1 and n != 0:
            lacks = "value" if n < 0 else "slope"
            raise ValueError(
                f"{self} ** {n:g} has no finite {lacks}: the base must not be 0 if the exponent is below 1"
            )
        slope = n * _or_inf(pow, x, n - 1) if n else 0.0
        return _node(f"**{n:g}", (self,), _or_inf(pow, x, n), (slope,))

    def relu(self):
        """``max(x, 0)``; slope 1 to the right of zero and, by choice, 0 at zero, as in `kernels.relu_backward`."""
        return _node("relu", (self,), max(0.0, self.data), (float(self.data > 0),))

    def exp(self):
        """``e**x``, which is its own slope."""
        data = _or_inf(math.exp, self.data)
        return _node("exp", (self,), data, (data,))

    def log(self):
        """Natural logarithm of a number > 0; slope ``1 / x``."""
        if self.data <= 0:
            raise ValueError(f"log needs a number > 0, but got {self}: keep it above 0, say by adding a small number")
        return _node("log", (self,), math.log(self.data), (1 / self.data,))

    # ── the others are made of these ────────────────────────────────────────────────────────────────────────────────

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -_value(other)

    def __truediv__(self, other):
        other = _value(other)
        if other.data == 0:
            raise ValueError(f"{self} / {other} divides by zero: the divisor must not be 0")
        return self * other**-1

    def __radd__(self, other):
        return _value(other) + self

    def __rsub__(self, other):
        return _value(other) - self

    def __rmul__(self, other):
        return _value(other) * self

    def __rtruediv__(self, other):
        return _value(other) / self

    def __rpow__(self, other):
        return _value(other) ** self  # refused there: an exponent must be a plain number


def topological_order(output):
    """All nodes that `output` depends on, itself included, as a list: parents before children, each node once."""
    order, seen, stack = [], set(), [(output, False)]  # a stack of our own: recursion would end at 1000 levels
    while stack:
        node, parents_listed = stack.pop()
        if parents_listed:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))  # comes up again once all that is put on top of it is done
            stack.extend((parent, False) for parent in reversed(node.parents))
    return order


def _node(op, parents, data, slopes):
    if not all(map(math.isfinite, (data, *slopes))):
        of = " and ".join(map(repr, parents))
        raise ValueError(f"'{op}' of {of} has a value or slope beyond 1.8e308, the largest float: scale what goes in")
    node = Value(data)
    node.op, node.parents, node.slopes = op, parents, slopes
    return node


def _value(x):
    return x if isinstance(x, Value) else Value(x)


def _number(what, x):
    if not isinstance(x, Real):
        raise TypeError(
            f"{what} must be one plain number, such as 2 or 0.5, but got {type(x).__name__}: "
            "give a number; for a list or an array, make one Value for each element"
        )
    number = _or_inf(float, x)
    if not math.isfinite(number):
        raise ValueError(f"{what} must be a finite number, but got {number}: look at where it was computed")
    return number


def _or_inf(function, *args):
    try:
        return function(*args)
    except OverflowError:  # left to the checks above, which can say what it is about
        return math.inf
