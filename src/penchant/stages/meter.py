"""What a block of work takes: seconds, seconds of the processor, and the peak of memory where the system tells it.

The peak is that of the whole process, everything that was loaded before included.
"""

import os
import time
from pathlib import Path

_RESET, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
_RESET_PEAK = "5"


class Meter:
    """Use it as a context.

    >>> with Meter() as meter:
    ...     _ = sum(range(1000))
    >>> meter.seconds > 0
    True
    """

    seconds = cpu_seconds = 0.0
    peak_mib: float | None = None

    def __enter__(self) -> "Meter":
        self._told = _reset_peak()
        self._began, self._cpu = time.perf_counter(), _cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.cpu_seconds = time.perf_counter() - self._began, _cpu() - self._cpu
        self.peak_mib = _peak_mib() if self._told else None


def highest(*meters: Meter) -> float | None:
    """The highest peak of several blocks, None where one is not known."""
    peaks = [meter.peak_mib for meter in meters if meter.peak_mib is not None]
    return max(peaks) if len(peaks) == len(meters) else None


def _cpu() -> float:
    used = os.times()
    return used.user + used.system


def _reset_peak() -> bool:
    """Whether the kernel forgets the peak so far: Linux does."""
    try:
        _RESET.write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def _peak_mib() -> float | None:
    for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return None
