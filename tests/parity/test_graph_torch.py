"""The scalar graph's gradients against PyTorch's autograd, in float64."""

import pytest

from helpers.gradients import relative_error
from helpers.graph import Value

torch = pytest.importorskip("torch")


def test_random_expressions(expression):
    leaves = [Value(number) for number in expression.leaves]
    output = expression(leaves, Value)
    output.backward()
    tensors = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in expression.leaves]
    theirs = expression(tensors, torch)
    theirs.backward()
    assert output.data == pytest.approx(theirs.item(), rel=1e-12)
    assert relative_error([leaf.grad for leaf in leaves], [tensor.grad.item() for tensor in tensors]) <= 1e-12


def test_relu_at_zero():
    x, tensor = Value(0), torch.zeros((), dtype=torch.float64, requires_grad=True)
    x.relu().backward()
    torch.relu(tensor).backward()
    assert x.grad == tensor.grad.item() == 0
