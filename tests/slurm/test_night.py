"""The tiny night through Slurm, traffic as ranks on two nodes: the same bytes as on this machine alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.nights import LCR, Night

from .conftest import DevCluster

pytestmark = [pytest.mark.slurm, pytest.mark.chain]


def test_a_night_through_slurm_gives_the_bytes_of_a_local_one(undisturbed: Night, tmp_path: Path, cluster: DevCluster):
    here = undisturbed
    there = Night(here.config, tmp_path / "there")
    # The spine is shared by all machines; what Slurm runs is the models and the release.
    shutil.copytree(here.root, there.root, symlinks=True)
    shutil.rmtree(there.root / "nights")
    shutil.rmtree(there.root / "published")
    command = [str(LCR), "run", "--profile", "slurm", "--config", str(there.config), "--root", str(there.root)]
    done = cluster.run("timeout", "-s", "KILL", "420", *command, timeout=430)
    assert done.returncode == 0, done.stdout + done.stderr + there.logs()
    assert there.fingerprints() == here.fingerprints()
    said = cluster.ask("squeue", "-h", "-t", "all", "-o", "%A %D %C")
    assert sum(line.split()[1] == "2" for line in said.splitlines()) == 2, "traffic and carbon on two nodes each"
    assert "2 ranks of" in (there.root / "run" / "logs" / there.night / "base" / "traffic.log").read_text()
