"""The MNIST digits: 60 000 training and 10 000 test pictures of handwritten digits, 28 × 28, each with its label.

Data: Y. LeCun, C. Cortes, C. Burges; licence CC BY-SA 3.0 (see data/LICENSE.md). The files are part of this package.
"""

import hashlib
from pathlib import Path

import numpy as np

from helpers.datasets.idx import DatasetError, idx_header, read_idx

DATA_FOLDER = Path(__file__).parent / "data"

# each file's name, and the SHA-256 of its unzipped bytes: the identity of the real MNIST
FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def load_data(path=None):
    """Load the digits as Keras does: ``(train_images, train_labels), (test_images, test_labels)``.

    Images: uint8 (60000, 28, 28) and (10000, 28, 28), 0 is paper and 255 ink. Labels: uint8 (60000,) and (10000,).
    path: another folder with four IDX files of the same names, gzipped or not (Fashion-MNIST, say); its sizes may
    differ. Raises DatasetError for a file that is missing, broken or altered.
    """
    folder = DATA_FOLDER if path is None else Path(path)
    arrays = []
    for name, sha256 in FILES.items():
        file = _find(folder, name)
        array = read_idx(file)
        _check(file, array, rank=3 if "images" in name else 1, sha256=sha256 if path is None else None)
        arrays.append(array)
    train_images, train_labels, test_images, test_labels = arrays
    for part, images, labels in (("train", train_images, train_labels), ("t10k", test_images, test_labels)):
        if len(images) != len(labels):
            raise DatasetError(
                f"{folder}: {part} has {len(images):,} images but {len(labels):,} labels; expected as many."
            )
    return (train_images, train_labels), (test_images, test_labels)


def _find(folder, name):
    for file in (folder / f"{name}.gz", folder / name):
        if file.is_file():
            return file
    raise DatasetError(
        f"{folder / name}.gz: there is no such file, zipped or not. Expected {', '.join(FILES)} in {folder}."
    )


def _check(file, array, rank, sha256):
    if array.ndim != rank or array.dtype != np.uint8:
        raise DatasetError(
            f"{file}: expected uint8 numbers on {rank} axes, found {array.dtype} of shape {array.shape}."
        )
    if sha256:
        found = hashlib.sha256(idx_header(array))
        found.update(array)
        if found.hexdigest() != sha256:
            raise DatasetError(
                f"{file}: altered, this is not the original MNIST. Expected SHA-256 {sha256} of its unzipped bytes, "
                f"found {found.hexdigest()}. Get a fresh copy of this project's data files."
            )
