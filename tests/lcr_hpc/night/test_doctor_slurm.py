"""What a profile says of its site, against a Slurm that answers from a script."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lcr_hpc.errors import ConfigError
from lcr_hpc.night import doctor_slurm
from lcr_hpc.night.probe import Check, attempt
from lcr_hpc.night.site import Ask, module_environment, modules_of

ASK = Ask("traffic", "standard", "physics", "srun --mpi=pmix", 4, 1, 2, 7000, 120)
SINFO = """standard|standard*|up|2-00:00:00|10|32|64000
standard|standard*|up|2-00:00:00|2|64+|128000+
test|test|up|30:00|2|8|9000
old|old|down|1:00:00|1|8|9000"""
CONFIG = "AccountingStorageType   = accounting_storage/slurmdbd\nMinJobAge               = 300 sec"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Slurm's commands as scripts that print what they are told; a profile with one stage."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(doctor_slurm, "_asks", lambda profile: (ASK,))
    (tmp_path / "config.yaml").write_text("executor: slurm\nslurm-status-command: sacct\n")

    class Site:
        profile = str(tmp_path)

        def says(self, command: str, text: str, code: int = 0) -> None:
            (tmp_path / f"{command}.txt").write_text(text + "\n")
            script = f"#!/bin/sh\ncat {tmp_path}/{command}.txt >&{1 if code == 0 else 2}; exit {code}\n"
            (tmp_path / command).write_text(script)
            (tmp_path / command).chmod(0o755)

        def check(self, name: str) -> Check:
            return attempt(name, lambda: getattr(doctor_slurm, name)(self.profile))

        def asks(self, **changes: object) -> None:
            from dataclasses import replace

            monkeypatch.setattr(doctor_slurm, "_asks", lambda profile: (replace(ASK, **changes),))

    made = Site()
    made.says("sinfo", SINFO)
    made.says("scontrol", CONFIG)
    made.says("sacctmgr", "physics\nphysics")
    made.says("srun", "MPI plugin types are...\n\tcray_shasta\n\tpmix\n\tnone")
    return made


def test_partitions_are_read_with_the_largest_of_their_nodes(site):
    standard, test = doctor_slurm.read_partitions()
    assert (standard.name, standard.default, standard.minutes) == ("standard", True, 2 * 1440.0)
    assert (standard.nodes, standard.cpus, standard.memory_mb) == (12, 64, 128000)
    assert (test.name, test.default, test.minutes) == ("test", False, 30.0)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, ""),
        ({"partition": ""}, ""),  # the default one
        ({"partition": "standrad"}, "no partition standrad is up; there are standard, test"),
        ({"partition": "old"}, "no partition old is up"),
        ({"partition": "test"}, "asks for 120 min, the limit is 30"),
        ({"minutes": 2881}, "asks for 2881 min, the limit is 2880"),
        ({"nodes": 13, "tasks": 13}, "asks for 13 nodes of 12"),
        ({"tasks": 129}, "asks for 65 CPUs a node of 64"),
        ({"node_memory_mb": 128001}, "asks for 128001 MB a node of 128000"),
        ({"tasks": 800, "nodes": 1, "node_memory_mb": 800}, "asks for 800 CPUs of 768"),
    ],
)
def test_what_a_stage_asks_for_must_be_there(site, changes, problem):
    site.asks(**changes)
    check = site.check("partitions_fit")
    assert check.ok is not bool(problem)
    assert problem in check.found


def test_an_account_that_is_not_yours_is_found_where_a_database_can_tell(site):
    assert site.check("accounts_exist").found == "physics"
    site.asks(account="biology")
    check = site.check("accounts_exist")
    assert not check.ok
    assert "may not use account biology; yours: physics" in check.found
    site.says("scontrol", "AccountingStorageType = (null)")
    assert "no accounting database" in site.check("accounts_exist").found


def test_a_run_that_could_never_learn_of_its_jobs_is_found(site, tmp_path):
    assert site.check("status_command").ok
    site.says("scontrol", CONFIG.replace("slurmdbd", "none"))
    assert "write `slurm-status-command: squeue`" in site.check("status_command").found
    (tmp_path / "config.yaml").write_text("slurm-status-command: squeue\n")
    assert site.check("status_command").ok
    site.says("scontrol", CONFIG.replace("300", "5"))
    check = site.check("status_command")
    assert not check.ok
    assert "forgets ended jobs after 5 s" in check.found


def test_a_flavour_that_srun_does_not_speak_is_found(site):
    site.asks(launcher="srun --mpi=pmi2")
    check = site.check("srun_flavour")
    assert not check.ok
    assert "there is no pmi2; `srun --mpi=list` has cray_shasta, pmix, none" in check.found


def test_a_silent_controller_is_one_line(site):
    site.says("sinfo", "slurm_load_partitions: Unable to contact slurm controller", 1)
    check = site.check("partitions_fit")
    assert not check.ok
    assert "Unable to contact slurm controller; is the controller running?" in check.found


def test_modules_are_loaded_as_in_a_login_shell(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    (tmp_path / "config.yaml").write_text('config:\n  lcr_modules: "gcc/13 openmpi/5"\n')
    modules = modules_of(str(tmp_path))
    assert modules == ("gcc/13", "openmpi/5")
    with pytest.raises(ConfigError, match="login shell here has no `module`"):
        module_environment(modules)
    known = """module() {
        [ "$2" != openmpi/9 ] || { echo "no such module: $2" >&2; return 1; }
        export LOADED="$LOADED $2"
    }"""
    (tmp_path / ".bash_profile").write_text(known)
    assert module_environment(modules)["LOADED"] == " gcc/13 openmpi/5"
    assert module_environment(()) == {}
    with pytest.raises(ConfigError, match="no such module: openmpi/9; `module avail`"):
        module_environment(("openmpi/9",))
