"""Data to learn from: `mnist.load_data()`, and `idx`, the reader of its file format."""

from helpers.datasets.idx import DatasetError

__all__ = ["DatasetError"]
