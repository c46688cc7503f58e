import subprocess
import sys
import time

from penchant.stages.meter import Meter, highest


def test_it_tells_the_clock_from_the_processor() -> None:
    with Meter() as asleep:
        time.sleep(0.2)
    assert asleep.seconds >= 0.2
    assert asleep.cpu_seconds < 0.15


TWO_BLOCKS = """
import numpy as np
from penchant.stages.meter import Meter, highest
with Meter() as large:
    np.ones(40_000_000).sum()  # 305 MiB
with Meter() as small:
    np.ones(1000).sum()
print(large.peak_mib, small.peak_mib, highest(large, small))
"""


def test_each_block_has_a_peak_of_its_own() -> None:
    """In a process of its own: one that has freed much before needs no new memory."""
    told = subprocess.run([sys.executable, "-c", TWO_BLOCKS], capture_output=True, text=True, check=True)
    if "None" in told.stdout:  # a system that does not tell
        assert told.stdout.split() == ["None"] * 3
        return
    large, small, high = map(float, told.stdout.split())
    assert large > small + 250
    assert high == large


def test_what_one_does_not_know_nobody_knows() -> None:
    with Meter() as known:
        pass
    assert highest(known, Meter()) is None
