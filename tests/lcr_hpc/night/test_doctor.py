"""The doctor tries things, and says what to do when they fail."""

from __future__ import annotations

import os
import subprocess

import pytest

from lcr_hpc.night import doctor, doctor_slurm
from lcr_hpc.night.probe import attempt


def test_this_machine_is_well(tmp_path):
    wrong = [c for c in doctor.examine(root=tmp_path) if not c.ok and c.name != "free space"]
    assert wrong == []
    assert list(tmp_path.iterdir()) == []


def test_ranks_that_run_alone_are_found(monkeypatch):
    """A launcher of another MPI starts N programs that each see one rank, with exit code 0."""

    def alone(command, environment=None):
        return subprocess.CompletedProcess(command, 0, "<1><1>", "")

    monkeypatch.setattr(doctor, "ask", alone)
    check = attempt("MPI ranks", doctor._mpi_ranks)
    assert not check.ok
    assert "2 processes that see [1] ranks" in check.found
    assert "rebuild mpi4py" in check.found


def test_a_folder_of_somebody_else_is_one_line(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryDirectory", refuse)
    check = attempt("run folder", lambda: doctor._writable(tmp_path))
    assert not check.ok
    assert "Permission denied; choose a folder of yours with --root" in check.found


def test_slurm_is_asked_for_only_by_a_slurm_profile(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    (tmp_path / "config.yaml").write_text("jobs: 5\nexecutor: slurm\n")
    assert doctor._uses_slurm(str(tmp_path))
    assert not doctor._uses_slurm("local")
    check = attempt("Slurm commands", doctor_slurm.slurm_commands)
    assert not check.ok
    assert "no sbatch, squeue, scancel, sinfo, srun, scontrol on PATH" in check.found


@pytest.mark.parametrize(("free_gb", "ok"), [(100, True), (1, False)])
def test_free_space(tmp_path, monkeypatch, free_gb, ok):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free_gb * 1e9}))
    assert attempt("free space", lambda: doctor._free_space(tmp_path)).ok is ok
