"""A rule's command in a Slurm job: what Snakemake would do around it, and what it must not do."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_executor_plugin_slurm import Executor

from lcr_hpc.compute import slurm_job
from lcr_hpc.compute.slurm import run_commands_alone
from lcr_hpc.compute.slurm_job import ARRAY, pack

TELL = "import os, json; json.dump(dict(os.environ), open('new/told.json', 'w'))"


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", slurm_job.__file__, *arguments]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SRUN"))}
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_command_finds_its_folder_its_threads_and_no_output_of_before(tmp_path):
    (tmp_path / "old.json").write_text("of before")
    packed = pack(str(tmp_path), [sys.executable, "-c", TELL], 3, ["new/told.json", "old.json"], ["old.json"])
    batch = {"SLURM_JOB_ID": "7", "SLURM_MEM_PER_NODE": "100", "SRUN_DEBUG": "3", "LCR_RUN_TOKEN": "t"}
    done = start(packed, **batch)
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "new" / "told.json").read_text())
    assert told["OMP_NUM_THREADS"] == told["OPENBLAS_NUM_THREADS"] == "3"
    assert {k for k in told if k.startswith(("SLURM", "SRUN"))} == {"SLURM_JOB_ID"}
    assert told["LCR_RUN_TOKEN"] == "t"
    assert not (tmp_path / "old.json").exists()


def test_how_a_command_ends_is_how_the_job_ends(tmp_path):
    assert start(pack(str(tmp_path), ["/bin/sh", "-c", "exit 7"], 1, [], [])).returncode == 7


@pytest.mark.parametrize(("task", "wanted"), [("1", "first"), ("2", "second")])
def test_each_task_of_an_array_runs_its_own_command(tmp_path, task, wanted):
    def command(name):
        packed = pack(str(tmp_path), ["/bin/sh", "-c", f"touch {name}"], 1, [], [])
        return f"{sys.executable} -I -S {slurm_job.__file__} {packed}"

    # As the plugin packs it.
    others = {"2": zlib.compress(command("second").encode(), level=9).hex()}
    words = ARRAY + base64.b64encode(json.dumps(others).encode()).decode()
    done = start(command("first").split()[-1], words, SLURM_ARRAY_TASK_ID=task)
    assert done.returncode == 0, done.stderr
    assert [p.name for p in tmp_path.iterdir()] == [wanted]


@pytest.fixture
def told(monkeypatch, tmp_path):
    """How a job of some attributes is told to Slurm; "snakemake …" is the plugin's own way."""
    monkeypatch.setattr(Executor, "format_job_exec", lambda self, job: "snakemake …")
    monkeypatch.chdir(tmp_path)
    run_commands_alone()

    def command(resources=None, **attributes):
        usual = dict.fromkeys(("benchmark", "conda_env", "container_img_url", "env_modules"))
        usual |= {"is_group": lambda: False, "is_shell": True, "is_shadow": False, "threads": 2, "shellcmd": "work"}
        usual |= {"rule": SimpleNamespace(cache=SimpleNamespace(output=False)), "resources": resources or {}}
        job = SimpleNamespace(**usual | {"input": [], "output": [Path("out.json")], "log": []} | attributes)
        return Executor.format_job_exec(Executor.__new__(Executor), job)

    return command


def test_a_command_is_one_step_of_slurm_in_strict_bash(told, tmp_path):
    folder, command, threads, fresh, outputs = slurm_job._unpack(told().split()[-1])
    assert (folder, threads, fresh, outputs) == (str(tmp_path), 2, ["out.json"], ["out.json"])
    assert command[0] == "srun"
    assert {"-n1", "--cpus-per-task=2"} <= set(command)
    assert command[-1] == "set -euo pipefail;  work"
    assert '"' not in told(), "sbatch --wrap holds it between double quotes"


def test_a_command_that_starts_its_own_ranks_is_no_step(told):
    command = slurm_job._unpack(told({"mpi": "srun --mpi=pmi2"}).split()[-1])[1]
    assert command[1:] == ["-c", "set -euo pipefail;  work"]


@pytest.mark.parametrize(
    "more",
    [
        {"is_group": lambda: True},
        {"is_shell": False},
        {"is_shadow": True},
        {"benchmark": "b.tsv"},
        {"conda_env": "e"},
        {"container_img_url": "docker://c"},
        {"resources": {"gpus": 1}},
        {"output": [SimpleNamespace(flags={"directory": True})]},
        {"input": [SimpleNamespace(flags={"pipe": True})]},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_is_more_than_a_command_is_left_to_snakemake(told, more):
    assert told(**more) == "snakemake …"
