"""Memory that is let go of stays with the process: arrays that come and go cost no page faults."""

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource
import numpy as np
IMPORT
weights = np.ones(400_000)
for repeat in range(110):
    if repeat == 10:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    weights = 0.9 * weights + 0.1 * (weights * weights) / np.sqrt(weights + 1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_arrays_that_come_and_go_cost_no_page_faults():
    # Who sets one of the C library's own knobs, as Dask does, knows better.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}

    def faults(line):
        program = [sys.executable, "-c", PROGRAM.replace("IMPORT", line)]
        done = subprocess.run(program, capture_output=True, text=True, env=variables)
        return int(done.stdout)

    plain = faults("")
    if plain < 50_000:
        pytest.skip(f"they cost only {plain} without our help, too")
    assert faults("import helpers.utils") < plain / 10
