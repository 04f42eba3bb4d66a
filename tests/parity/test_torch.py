"""Our gradients and optimizers against PyTorch's, in float64."""

import numpy as np
import pytest

from helpers import kernels, layers, losses, models, optimizers

torch = pytest.importorskip("torch")

F = torch.nn.functional
SAMPLES, OUTPUTS = 6, 3
CLASSES = np.random.default_rng(0).integers(0, OUTPUTS, SAMPLES)
ONE_HOT = np.eye(OUTPUTS)[CLASSES]
YES_NO = np.random.default_rng(1).integers(0, 2, (SAMPLES, OUTPUTS)).astype("float64")
TARGETS = np.random.default_rng(2).normal(size=(SAMPLES, OUTPUTS))

ACTIVATIONS = {
    "linear": lambda z: z,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda z: torch.softmax(z, -1),
}

# name → our loss, the labels, PyTorch's loss of the predictions (Keras's scaling of rows to sum 1 written out)
LOSSES = {
    "categorical": (
        losses.CategoricalCrossentropy(),
        ONE_HOT,
        lambda p, y: F.nll_loss(torch.log(p / p.sum(-1, keepdim=True)), y.argmax(-1)),
    ),
    "categorical, logits": (
        losses.CategoricalCrossentropy(from_logits=True),
        ONE_HOT,
        lambda p, y: F.cross_entropy(p, y.argmax(-1)),
    ),
    "sparse": (
        losses.SparseCategoricalCrossentropy(),
        CLASSES,
        lambda p, y: F.nll_loss(torch.log(p / p.sum(-1, keepdim=True)), y),
    ),
    "binary": (losses.BinaryCrossentropy(), YES_NO, F.binary_cross_entropy),
    "binary, logits": (
        losses.BinaryCrossentropy(from_logits=True),
        YES_NO,
        F.binary_cross_entropy_with_logits,
    ),
    "mse": (losses.MeanSquaredError(), TARGETS, F.mse_loss),
}


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", kernels.ACTIVATIONS)
def test_activation(name):
    z = np.random.default_rng(0).normal(size=(5, 4)) * 3
    da = np.random.default_rng(1).normal(size=z.shape)
    theirs = torch.tensor(z, requires_grad=True)
    a = ACTIVATIONS[name](theirs)
    a.backward(torch.tensor(da))
    forward, backward = kernels.ACTIVATIONS[name]
    ours = forward(z)
    close(ours, a.detach())
    close(backward(da, ours), theirs.grad)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("last", ACTIVATIONS)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_gradients_of_a_network(hidden, last, name):
    loss, y, their_loss = LOSSES[name]
    x = np.random.default_rng(3).normal(size=(SAMPLES, 4))
    model = models.Sequential([layers.Dense(5, activation=hidden), layers.Dense(OUTPUTS, activation=last)])
    model(x)
    r = np.random.default_rng(4)
    # the last bias keeps outputs inside (0, 1), where both libraries' cross-entropies are defined
    weights = [r.normal(size=(4, 5)), r.normal(size=5), r.normal(0, 0.02, (5, 3)), np.array([0.4, 0.5, 0.6])]
    model.set_weights(weights)
    model.compile(optimizers.SGD(0.0), loss)
    value = model.train_on_batch(x, y)

    tensors = [torch.tensor(w, requires_grad=True) for w in weights]
    h = ACTIVATIONS[hidden](torch.tensor(x) @ tensors[0] + tensors[1])
    theirs = their_loss(ACTIVATIONS[last](h @ tensors[2] + tensors[3]), torch.tensor(y))
    theirs.backward()
    close(value, theirs.item())
    found = [g for layer in model.layers for g in layer.grads.values()]
    for ours, tensor in zip(found, tensors):
        close(ours, tensor.grad)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_scores(dtype):
    z = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 5], [3, 3, 3]], dtype)
    y = np.eye(3, dtype=dtype)[[1, 1, 0]]
    for ours, backward, theirs in [
        (kernels.softmax_cross_entropy, kernels.softmax_cross_entropy_backward, F.cross_entropy),
        (kernels.sigmoid_cross_entropy, kernels.sigmoid_cross_entropy_backward, F.binary_cross_entropy_with_logits),
    ]:
        tensor = torch.tensor(z, requires_grad=True)
        loss = theirs(tensor, torch.tensor(y))
        loss.backward()
        values, p = ours(z, y)
        np.testing.assert_allclose(values.mean(), loss.item(), rtol=1e-6)
        np.testing.assert_allclose(backward(y, p), tensor.grad, rtol=1e-6, atol=1e-7)


# PyTorch adds epsilon outside the root where Keras, and so we, add it inside: compared at epsilon = 0 with gradients
# away from 0. SGD's velocity is scaled by the learning rate: equal as long as the rate does not change.
OPTIMIZERS = [
    (optimizers.SGD(0.01), lambda p: torch.optim.SGD(p, 0.01)),
    (optimizers.SGD(0.01, momentum=0.9), lambda p: torch.optim.SGD(p, 0.01, momentum=0.9)),
    (optimizers.SGD(0.01, 0.9, nesterov=True), lambda p: torch.optim.SGD(p, 0.01, momentum=0.9, nesterov=True)),
    (
        optimizers.Adagrad(0.01, initial_accumulator_value=0.1, epsilon=0),
        lambda p: torch.optim.Adagrad(p, 0.01, initial_accumulator_value=0.1, eps=0),
    ),
    (optimizers.RMSprop(0.01, epsilon=0), lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, eps=0)),
    (
        optimizers.RMSprop(0.01, momentum=0.5, epsilon=0),
        lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, eps=0, momentum=0.5),
    ),
    (
        optimizers.RMSprop(0.01, centered=True, epsilon=0),
        lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, eps=0, centered=True),
    ),
    (optimizers.Adam(0.01, epsilon=0), lambda p: torch.optim.Adam(p, 0.01, eps=0)),
]


@pytest.mark.parametrize(("ours", "make"), OPTIMIZERS)
def test_200_steps(ours, make):
    r = np.random.default_rng(0)
    w = r.normal(size=(7, 5))
    tensor = torch.tensor(w.copy(), requires_grad=True)
    theirs = make([tensor])
    for _ in range(200):
        g = r.uniform(0.5, 2, w.shape) * r.choice([-1, 1], w.shape)
        ours.apply([g], [w])
        tensor.grad = torch.tensor(g)
        theirs.step()
    np.testing.assert_allclose(w, tensor.detach(), rtol=1e-9, atol=1e-9)
