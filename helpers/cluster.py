"""Where work is sent: Dask's workers, on this computer or on many. Only `sweep` and `data_parallel` need Dask."""

import contextlib
import tempfile

try:
    import distributed
except ImportError:
    raise ImportError(
        "This part works on Dask, which is not installed here; nothing else needs it. Install it with\n"
        "    pip install -r requirements-dask.txt\n"
        '(in a notebook: %pip install "dask[distributed]"), then restart the kernel.'
    ) from None


def local_client(workers=2):
    """A Dask client with so many workers on this computer, each a process of its own: `with local_client(2) as client:`.

    Each worker computes with one thread: two workers with two BLAS threads each would fight over two cores. Only this
    computer can reach them. A script that calls this needs `if __name__ == "__main__":` around the call, as each worker
    imports the script anew. Raises ValueError unless workers is a whole number ≥ 1.
    """
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise ValueError(f"workers must be a whole number ≥ 1, but got {workers!r}")
    return distributed.Client(
        n_workers=workers,
        threads_per_worker=1,  # Dask sets OPENBLAS_NUM_THREADS=1 and its like for its workers by itself
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # any free port
        direct_to_workers=True,  # large arrays go straight to them, not through the scheduler
        local_directory=tempfile.gettempdir(),  # the notebook's folder may be read-only
    )


def given_or_local(client, workers=2):
    """For a `with`: a client that was given, which stays open afterwards, or a local one, which is closed."""
    if client is None:
        return local_client(workers)
    if not isinstance(client, distributed.Client):
        raise TypeError(f"client must be a dask.distributed.Client, but got {client!r}")
    return contextlib.nullcontext(client)
