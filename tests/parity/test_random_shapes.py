"""Networks of random shapes, activations and losses against PyTorch: output, loss and every gradient."""

import numpy as np
import pytest
from test_torch import ACTIVATIONS  # where PyTorch is not installed, both files are skipped

from helpers import layers, models
from helpers.gradients import relative_error

torch = pytest.importorskip("torch")

F = torch.nn.functional
LOSSES = {  # name → the last activation, labels for (samples, outputs), PyTorch's loss of the scores before it
    "categorical_crossentropy": ("softmax", "one-hot", F.cross_entropy),
    "sparse_categorical_crossentropy": ("softmax", "classes", F.cross_entropy),
    "binary_crossentropy": ("sigmoid", "yes or no", F.binary_cross_entropy_with_logits),
    "mse": ("linear", "numbers", F.mse_loss),
}
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("case", range(30))
def test_output_loss_and_gradients(loss, dtype, case):
    r = np.random.default_rng([case, len(loss)])
    samples, features, outputs = (int(n) for n in r.integers(1, [60, 40, 12]))
    units = [int(n) for n in r.integers(1, 50, r.integers(0, 4))]
    hidden = [str(r.choice(list(ACTIVATIONS))) for _ in units]
    last, kind, theirs = LOSSES[loss]
    x = r.normal(size=(samples, features)).astype(dtype)
    y = {
        "one-hot": lambda: np.eye(outputs, dtype=dtype)[r.integers(0, outputs, samples)],
        "classes": lambda: r.integers(0, outputs, samples),
        "yes or no": lambda: r.integers(0, 2, (samples, outputs)).astype(dtype),
        "numbers": lambda: r.normal(size=(samples, outputs)).astype(dtype),
    }[kind]()

    network = models.Sequential(
        [layers.Dense(n, activation=a, use_bias=bool(r.integers(2))) for n, a in zip(units, hidden)]
    )
    network.add(layers.Dense(outputs, activation=last))
    network.compile("sgd", loss)
    network(x)
    network.set_weights([r.normal(0, 0.5, w.shape).astype(dtype) for w in network.get_weights()])
    tensors = [
        {key: torch.tensor(w.copy(), requires_grad=True) for key, w in layer.params.items()} for layer in network.layers
    ]
    a = torch.tensor(x)
    for layer, weights in zip(network.layers, tensors):
        z = a @ weights["W"]
        z = z + weights["b"] if "b" in weights else z
        a = ACTIVATIONS[layer.activation](z)
    expected = theirs(z, torch.tensor(y))
    expected.backward()

    assert relative_error(network(x), a.detach().numpy()) <= TOLERANCE[dtype]
    found = network.train_on_batch(x, y)
    assert abs(found - expected.item()) <= TOLERANCE[dtype] * max(1, abs(found))
    # A gradient that is the small rest of larger numbers is judged by them.
    largest = max(float(np.abs(t.grad.numpy()).max()) for weights in tensors for t in weights.values())
    for layer, weights in zip(network.layers, tensors):
        for key, tensor in weights.items():
            theirs_ = tensor.grad.numpy()
            assert np.linalg.norm(layer.grads[key] - theirs_) <= 2 * TOLERANCE[dtype] * max(
                np.linalg.norm(theirs_), largest
            )
