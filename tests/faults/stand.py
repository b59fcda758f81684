"""Where faults are done: a night that is known, copies of it to spoil, and a dev cluster."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from lcr_hpc.night.processes import TOKEN_VARIABLE
from lcr_hpc.night.stages import STAGES, log_path, stage_outputs, stage_stores
from lcr_hpc.store.manifest import fingerprint_file, read_manifest
from tests.nights import LCR, Night
from tests.slurm.conftest import DevCluster

REPO = Path(__file__).parents[2]
YESTERDAY, TONIGHT = "2025-10-14", "2025-10-15"
PATIENCE_S = 1500.0


class Stand:
    """A known night, and the cluster that it is done again on.

    Parameters
    ----------
    folder : Path
        For the copies.
    cluster : DevCluster
        Running.
    known : Night
        Ran through, undisturbed.
    """

    def __init__(self, folder: Path, cluster: DevCluster, known: Night) -> None:
        self.folder, self.cluster, self.known = folder, cluster, known

    @contextmanager
    def scene(self, first: str) -> Iterator[Scene]:
        """Copy the known night as it was before a stage, yesterday's release being the last; removed at the end."""
        root = self.folder / f"scene-{os.getpid()}"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.known.root, root, symlinks=True)
        scene = Scene(Night(self.known.config, root, TONIGHT), self)
        scene.forget_from(first)
        try:
            yield scene
        finally:
            scene.end()
            shutil.rmtree(root, ignore_errors=True)


class Scene:
    """One copy of the known night, in which something goes wrong."""

    def __init__(self, night: Night, stand: Stand) -> None:
        self.night, self.stand, self.cluster = night, stand, stand.cluster
        self.layout = night.layout
        self._started: list[subprocess.Popen[str]] = []
        self.release = self._release()

    def forget_from(self, first: str) -> None:
        """Take away what a stage and all after it have left; `latest` is what stands for yesterday's release."""
        for stage in STAGES[STAGES.index(first) :]:
            for file in stage_outputs(self.layout, stage):
                file.unlink(missing_ok=True)
            for store in stage_stores(stage):
                shutil.rmtree(self.layout.store(store), ignore_errors=True)
            log_path(self.layout, stage).unlink(missing_ok=True)
        if first == "feeds":
            shutil.rmtree(self.layout.incoming, ignore_errors=True)
        published = self.layout.published
        if not (published / YESTERDAY).is_dir():
            shutil.copytree(published / TONIGHT, published / YESTERDAY)
        shutil.rmtree(published / TONIGHT, ignore_errors=True)
        latest = self.layout.published / "latest"
        latest.unlink(missing_ok=True)
        latest.symlink_to(YESTERDAY)
        self.release = self._release()

    def profile(self, name: str = "slurm", **changes: Any) -> Path:
        """Write a profile of the project with some keys changed; `set-resources` are merged by stage."""
        values = yaml.safe_load((REPO / "slurm" / "profiles" / name / "config.yaml").read_text())
        for stage, resources in changes.pop("resources", {}).items():
            values.setdefault("set-resources", {}).setdefault(stage, {}).update(resources)
        folder = self.night.root / "profile"
        folder.mkdir(exist_ok=True)
        (folder / "config.yaml").write_text(yaml.safe_dump(values | changes))
        return folder

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Start `lcr` as on the cluster's login node."""
        command = [LCR, *words, "--config", self.night.config, "--root", self.night.root]
        with (self.night.root / "said").open("a") as log:
            process = subprocess.Popen(
                [str(word) for word in command],
                env=self.cluster.environment | {"COLUMNS": "160"},
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def run(self, *words: object) -> int:
        """Run `lcr` to its end; return its exit code."""
        return self.start(*words).wait(PATIENCE_S)

    def job(self, stage: str, run: subprocess.Popen[str]) -> str:
        """Wait until a stage is inside its Slurm job; return the job's number."""
        jobs: list[str] = []

        def inside() -> bool:
            jobs[:] = self.cluster.ask("squeue", "-h", "-t", "R", "-o", "%A").split()
            return len(jobs) == 1 and log_path(self.layout, stage).exists()

        self.until(inside, run)
        return jobs[0]

    def nodes(self, job: str) -> list[str]:
        """Names of the nodes of a job, that of its script first."""
        nodes = self.cluster.ask("squeue", "-h", "-j", job, "-o", "%N")
        return self.cluster.ask("scontrol", "show", "hostnames", nodes).split()

    def ranks(self, job: str, stage: str) -> dict[int, int]:
        """Process ids of the ranks of a stage, by rank."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = dict(e.split("=", 1) for e in (folder / "environ").read_text().split("\0") if "=" in e)
                words = (folder / "cmdline").read_text().split("\0")
            except (OSError, UnicodeDecodeError):
                continue
            ours = environment.get("SLURM_JOB_ID") == job and "PMI_RANK" in environment
            if ours and "lcr_hpc.cli" in words and stage in words and "srun" not in words[0]:
                found[int(environment["SLURM_PROCID"])] = int(folder.name)
        return found

    def until(self, true: Callable[[], Any], run: subprocess.Popen[str] | None = None) -> None:
        """Wait for something; a run that ends before it is an error."""
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert run is None or run.poll() is None, f"lcr ended with {run.poll()} too early\n{self.said()}"
            assert time.monotonic() < deadline, f"waited in vain\n{self.said()}"
            time.sleep(0.1)

    def said(self) -> str:
        """What `lcr` and the stages said."""
        return (self.night.root / "said").read_text()[-3000:] + self.night.logs()

    def outcome(self, code: int, *stages: str) -> str:
        """Return how it ended, in the words of the table; whatever else is an AssertionError."""
        if code == 0:
            for stage in stages:
                assert self._print(self.night, stage) == self._print(self.stand.known, stage), f"{stage} differs"
            return "same fingerprints"
        assert self._release() == self.release, "yesterday's release was touched"
        return f"yesterday kept, exit code {code}"

    def end(self) -> None:
        """End what is left of the runs of this scene."""
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(60)

    def power_off(self, run: subprocess.Popen[str]) -> None:
        """Kill everything: `lcr` and all that it started here, all nodes with their jobs, the controller."""
        pids = [run.pid, *_with_token(self.night.root)]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.cluster.devcluster("kill-controller")
        for node in ("cn1", "cn2", "cn3", "cn4"):
            self.cluster.devcluster("kill-node", node)
        run.wait()

    def power_on(self) -> None:
        """Start the controller with what it knew, and the nodes."""
        assert self.cluster.devcluster("start-controller").returncode == 0
        for node in ("cn1", "cn2", "cn3", "cn4"):
            assert self.cluster.devcluster("start-node", node).returncode == 0

    def _print(self, night: Night, stage: str) -> list[str]:
        stores = stage_stores(stage)
        if stores:
            return [read_manifest(night.layout.manifest(store)).fingerprint for store in stores]
        return [fingerprint_file(path) for path in stage_outputs(night.layout, stage)]

    def _release(self) -> tuple[str, str]:
        latest = self.layout.published / "latest"
        digest = hashlib.sha256()
        for file in sorted(p for p in latest.resolve().rglob("*") if p.is_file()):
            digest.update(str(file.relative_to(latest.resolve())).encode() + file.read_bytes())
        return str(latest.readlink()), digest.hexdigest()


def _with_token(root: Path) -> list[int]:
    """Processes of this machine that a run in a root has started, in jobs or not."""
    from lcr_hpc.night.owner import read_owner

    owner = read_owner(root / "run")
    if owner is None:
        return []
    mark = f"{TOKEN_VARIABLE}={owner.token}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found
