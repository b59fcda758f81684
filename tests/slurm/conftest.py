"""A Slurm of our own for the tests: started once a module, and gone afterwards whatever happened."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SBIN = "/usr/sbin:/sbin"


@dataclass(frozen=True)
class DevCluster:
    """A running dev cluster.

    Parameters
    ----------
    script : Path
        slurm/devcluster/devcluster.
    root : Path
        Its folder of state.
    environment : dict of str to str
        For commands that use the cluster: its srun, sbatch … come first on PATH.
    """

    script: Path
    root: Path
    environment: dict[str, str]

    def devcluster(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self.run(str(self.script), *command, timeout=60)

    def run(self, *command: str, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        env = self.environment | environment
        return subprocess.run(
            command, env=env, cwd=self.root, capture_output=True, text=True, timeout=timeout, check=False
        )

    def ask(self, *command: str) -> str:
        """Output of a command that must succeed."""
        done = self.run(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def slurm_is_missing() -> str | None:
    found = all(shutil.which(tool, path=f"{os.environ.get('PATH', '')}:{SBIN}") for tool in ("slurmctld", "munged"))
    return None if found else "Slurm is not installed: sudo slurm/devcluster/install.sh (or make test-system)"


def accounting_is_missing() -> str | None:
    path = f"{os.environ.get('PATH', '')}:{SBIN}"
    if all(shutil.which(tool, path=path) for tool in ("slurmdbd", "mariadbd", "sacctmgr")):
        return slurm_is_missing()
    return "slurmdbd and MariaDB are not installed: sudo slurm/devcluster/install.sh --accounting"


def without_slurm(environment: dict[str, str]) -> dict[str, str]:
    """An environment as on a login node, also when pytest itself runs in a job."""
    return {k: v for k, v in environment.items() if not k.startswith(("SLURM", "PMI", "OMPI", "LCR_DEVCLUSTER"))}


@pytest.fixture
def cluster_folder() -> Iterator[Path]:
    # Not pytest's own folder: the path of munge's socket may not be longer than 108 characters.
    folder = Path(tempfile.mkdtemp(prefix="lcr-slurm-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster(repo: Path) -> Iterator[DevCluster]:
    if reason := slurm_is_missing():
        pytest.skip(reason)
    with start_cluster(repo) as cluster:
        yield cluster


@contextmanager
def start_cluster(repo: Path, *options: str) -> Iterator[DevCluster]:
    """Start a cluster, and stop it whatever happens inside."""
    script = repo / "slurm" / "devcluster" / "devcluster"
    with tempfile.TemporaryDirectory(prefix="lcr-slurm-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)
        environment = without_slurm(dict(os.environ)) | {"LCR_DEVCLUSTER": str(root)}
        environment["PATH"] = f"{root}/bin:{environment['PATH']}:{SBIN}"
        cluster = DevCluster(script, root, environment)
        try:
            # --while: gone too when pytest itself is killed.
            started = cluster.run(str(script), "start", *options, "--while", str(os.getpid()), timeout=150)
            assert started.returncode == 0, started.stderr
            yield cluster
        finally:
            stopped = cluster.devcluster("stop")
            assert stopped.returncode == 0, stopped.stderr
