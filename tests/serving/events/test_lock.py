import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from penchant.records.errors import LockedError
from penchant.serving.events.lock import FolderLock

HOLD = """
import sys, time
from pathlib import Path
from penchant.serving.events.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_process_is_told_who_holds_the_folder_until_that_one_dies(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=rf"The process {other.pid} has .*{tmp_path.name}.* open.*Stop it first"):
            FolderLock(tmp_path)
        other.send_signal(signal.SIGKILL)
        other.wait()
        FolderLock(tmp_path).close()


def test_nor_may_a_second_log_of_the_same_process(tmp_path: Path) -> None:
    first = FolderLock(tmp_path)
    with pytest.raises(LockedError, match=f"The process {os.getpid()} has"):
        FolderLock(tmp_path)
    first.close()
    first.close()
    FolderLock(tmp_path).close()
