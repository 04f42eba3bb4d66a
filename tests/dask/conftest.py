"""A Dask client with two workers for all tests here, and a small task that a network learns in a moment."""

import numpy as np
import pytest

pytest.importorskip("distributed", reason="needs requirements-dask.txt")

from helpers.cluster import local_client


@pytest.fixture(scope="session")
def client():
    with local_client(2) as client:
        yield client


@pytest.fixture(scope="session")
def data():
    """Which of four corners is a point nearest to? (x, y) to learn from, (x, y) to be judged on."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (600, 2)).astype("float32")
    y = (2 * (x[:, 0] > 0) + (x[:, 1] > 0)).astype("uint8")
    return (x[:500], y[:500]), (x[500:], y[500:])
