"""Where work is sent: Dask's workers, on this computer or on many. Only `sweep` and `data_parallel` need Dask."""

import contextlib
import tempfile

from helpers.utils import check_count

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
    check_count("workers", workers)
    return distributed.Client(
        n_workers=workers,
        threads_per_worker=1,
        env=dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # any free port
        direct_to_workers=True,  # large arrays go straight to them, not through the scheduler
        local_directory=tempfile.gettempdir(),  # the notebook's folder may be read-only
    )


def given_or_local(client, workers=2):
    """For a `with`: a client that was given, which stays open afterwards, or a local one, which is closed."""
    return local_client(workers) if client is None else contextlib.nullcontext(check_client(client))


def check_client(client):
    """The client, if it is one and open. Raises TypeError or ValueError otherwise."""
    if not isinstance(client, distributed.Client):
        raise TypeError(f"client must be a dask.distributed.Client, but got {client!r}")
    if client.status == "closed":
        raise ValueError("this client is closed: open another one, client = local_client(2)")
    return client
