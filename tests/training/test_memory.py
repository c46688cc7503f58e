"""Whether large blocks still come from and go back to the system, seen from page faults."""

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from penchant.training.memory import keep_freed_memory
told = keep_freed_memory() if sys.argv[1] == "told" else False
def fill():
    np.ones(40 << 20, np.uint8)  # more than glibc ever keeps by itself
fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    fill()
print(told, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> tuple[str, int]:
    told = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True).stdout
    answer, count = told.split()
    return answer, int(count)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's malloc is asked")
def test_freed_blocks_are_used_again() -> None:
    answer, kept = faults("told")
    if answer == "False":
        pytest.skip("this C library has no mallopt")
    assert kept < 0.1 * faults("not told")[1]
