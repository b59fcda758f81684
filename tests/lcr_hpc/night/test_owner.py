"""One run a root, and who may take it over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace

import pytest

from lcr_hpc.errors import RunError
from lcr_hpc.night.owner import OWNER_FILE, read_owner, release, take, take_over
from lcr_hpc.night.processes import TOKEN_VARIABLE, identify, processes_with, stop_processes
from tests.nights import wait_until


@pytest.fixture
def dead(tmp_path):
    """An owner file whose process is gone, as kill −9 leaves it."""
    owner = take(tmp_path)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    owner = replace(owner, pid=child.pid)
    (tmp_path / OWNER_FILE).write_text(json.dumps(asdict(owner)))
    return owner


def test_the_second_run_of_a_root_is_refused(tmp_path):
    mine = take(tmp_path)
    with pytest.raises(RunError, match=f"a run is going on .*process {os.getpid()}"):
        take(tmp_path)
    with pytest.raises(RunError, match="a run is going on"):
        take_over(tmp_path)
    with pytest.raises(RunError, match="a run is going on"):
        take_over(tmp_path, force=True)
    release(tmp_path, mine)
    assert read_owner(tmp_path) is None
    take(tmp_path)


def test_only_one_of_many_gets_a_free_root(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from lcr_hpc.night.owner import take\n"
        "from lcr_hpc.errors import RunError\n"
        f"time.sleep(max(0, {time.time() + 2.0} - time.time()))\n"
        "try:\n    take(Path(sys.argv[1])); print('mine', flush=True); time.sleep(3)\n"
        "except RunError:\n    print('refused')\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    tries = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = sorted(t.communicate(timeout=60)[0].strip() for t in tries)
    assert said == ["mine", "refused", "refused", "refused"]


def test_a_dead_owner_is_told_from_a_live_one(tmp_path, dead):
    assert dead.fate == "dead"
    with pytest.raises(RunError, match=r"was killed .*`lcr resume`"):
        take(tmp_path)
    mine = take_over(tmp_path)
    assert read_owner(tmp_path) == mine
    release(tmp_path, dead)  # who was dead no longer owns anything
    assert read_owner(tmp_path) == mine


def test_a_process_number_used_again_is_another_process(tmp_path):
    owner = replace(take(tmp_path), started="another-boot:1")
    assert owner.fate == "dead"


def test_an_owner_on_another_host_needs_a_persons_word(tmp_path):
    owner = replace(take(tmp_path), host="login2.elsewhere")
    (tmp_path / OWNER_FILE).write_text(json.dumps(asdict(owner)))
    with pytest.raises(RunError, match=r"login2\.elsewhere.*--force"):
        take_over(tmp_path)
    assert take_over(tmp_path, force=True).host != "login2.elsewhere"


def test_a_damaged_owner_file_is_one_message(tmp_path):
    (tmp_path / OWNER_FILE).write_text("{")
    with pytest.raises(RunError, match="damaged"):
        read_owner(tmp_path)


def test_taking_over_ends_what_the_dead_left_running(tmp_path, dead):
    # A shell that ignores the first signal, and its child: what a job looks like once its parent was killed.
    script = "trap '' TERM; sleep 600 & echo ready; wait"
    orphan = subprocess.Popen(
        ["sh", "-c", script], env=os.environ | {TOKEN_VARIABLE: dead.token}, stdout=subprocess.PIPE, text=True
    )
    stranger = subprocess.Popen(["sleep", "600"], env=os.environ | {TOKEN_VARIABLE: "another"})
    try:
        assert orphan.stdout is not None
        assert orphan.stdout.readline() == "ready\n"
        # In the midst of its exec the child shows no environment.
        wait_until(lambda: len(processes_with(dead.token)) == 2)
        stop_processes(dead.token, grace_s=0.5)
        assert processes_with(dead.token) == []
        assert orphan.wait(10) == -9
        assert stranger.poll() is None
        assert identify(stranger.pid) is not None
    finally:
        for process in (stranger, orphan):
            process.kill()
            process.wait()
        assert orphan.stdout is not None
        orphan.stdout.close()
