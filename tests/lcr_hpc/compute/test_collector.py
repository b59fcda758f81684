"""No last look for cycles at the end of a process; what has to be done there is done all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys, tempfile
from lcr_hpc.compute.collector import collect_less

class Witness:
    def __del__(self):
        print("looked at", flush=True)

if "less" in sys.argv:
    collect_less()
left = tempfile.TemporaryDirectory(dir=sys.argv[1])
held = Witness()
held.itself = held
print("end")
"""


@pytest.mark.parametrize(("word", "said"), [("less", ["end"]), ("as ever", ["end", "looked at"])])
def test_the_end_of_a_process_looks_for_no_cycles_and_leaves_no_folder(tmp_path: Path, word: str, said: list[str]):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), word]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == said
    assert list(tmp_path.iterdir()) == []
