"""Gradient descent on several workers: each holds a part of the data, and the gradient of a batch is the sum of its parts.

One step: the weights go to every worker, each sends back the gradient of its share of the batch, and the mean over all
samples moves the weights. It is the same step that one machine would make: no approximation, only another order of adding.
"""

import copy

import numpy as np

from helpers.cluster import check_client
from helpers.utils import check_count, random_generator


class Shard:
    """A worker's part: some of the samples, and a copy of the network to work out gradients with."""

    def __init__(self, model, data):
        self.model = copy.deepcopy(model)  # workers may be threads of one process
        self.x, self.y = (np.require(array, requirements="A") for array in data)  # as in `sweep.train_one`

    def gradient(self, parameters, chosen):
        """The *sums* of gradient and loss over the chosen samples. parameters: all weights, as `model.parameters`."""
        self.model.parameters[:] = parameters
        loss = self.model.gradient_on_batch(self.x[chosen], self.y[chosen])
        return self.model.gradients * len(chosen), loss * len(chosen)


class DataParallel:
    """Trains a compiled, built Sequential on the workers of a Dask client; the model itself stays here and learns.

    x, y: the training data, dealt out like cards: sample i goes to worker i mod W, so each holds 1/W of it. workers: how
    many of the client's workers to use, by default all. Raises ValueError for shapes that do not fit, and if the client has
    fewer workers or is closed.
    """

    def __init__(self, model, x, y, client, workers=None):
        x, y, _ = model._prepare_data(x, y)
        places = sorted(check_client(client).nthreads())
        if workers is not None:
            check_count("workers", workers)
            if workers > len(places):
                raise ValueError(f"the client has {len(places)} workers, fewer than {workers}")
            places = places[:workers]
        self.model, self.samples, self.W = model, len(x), len(places)
        parts = [
            client.scatter([(x[k :: self.W], y[k :: self.W])], workers=[place], hash=False)[0]
            for k, place in enumerate(places)
        ]
        # An *actor* is an object that lives on one worker and is spoken to directly. It lives as long as its future.
        self._futures = [
            client.submit(Shard, model, part, workers=[place], actor=True, pure=False)
            for part, place in zip(parts, places)
        ]
        with client.as_current():  # answers come by the current client, which else is the one that was opened last
            self.shards = [future.result() for future in self._futures]

    def step(self, chosen):
        """One update from the samples of these numbers; returns their mean loss before it."""
        chosen = np.asarray(chosen)
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu" or not len(chosen):
            raise ValueError(f"chosen must be the numbers of some samples, such as [0, 5, 7], but got {chosen!r}")
        if chosen.min() < 0 or chosen.max() >= self.samples:
            raise ValueError(
                f"there are samples 0 … {self.samples - 1}, but {chosen.min()} … {chosen.max()} are chosen"
            )
        shares = [chosen[chosen % self.W == k] // self.W for k in range(self.W)]
        total, loss = self.model.gradients, 0.0
        total[:] = 0
        for gradient, part in self._ask(shares):
            total += gradient
            loss += part
        total /= len(chosen)
        self.model.optimizer.apply([total], [self.model.parameters])
        return loss / len(chosen)

    def fit(self, batch_size=128, epochs=1, shuffle=True):
        """Train as `model.fit` does, on the same batches under the same seed; returns the mean loss of each epoch."""
        check_count("batch_size", batch_size)
        check_count("epochs", epochs)
        losses = []
        for _ in range(epochs):
            order = random_generator().permutation(self.samples) if shuffle else np.arange(self.samples)
            batches = [order[start : start + batch_size] for start in range(0, self.samples, batch_size)]
            losses.append(sum(self.step(batch) * len(batch) for batch in batches) / self.samples)
        return losses

    def _ask(self, shares):
        """What each shard answers. All are asked before the first is waited for: they work at the same time."""
        try:
            asked = [
                shard.gradient(self.model.parameters, share) for shard, share in zip(self.shards, shares) if len(share)
            ]
            return [answer.result() for answer in asked]
        except (OSError, RuntimeError) as error:
            raise RuntimeError(
                f"a worker was lost, and with it its part of the data ({error}). The model holds the weights of the last "
                "whole step: make a new DataParallel of it and go on."
            ) from None
