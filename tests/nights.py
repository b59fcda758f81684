"""A run folder and what a person does with it, through the command line: for tests of whole nights."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lcr_hpc.night.stages import STAGES, log_path
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.variables import MODEL_STORES, SPINE_STORES

LCR = Path(sys.executable).with_name("lcr")


class Night:
    """One run folder, and what a person does with it."""

    def __init__(self, config: Path, root: Path, night: str = "2025-10-15") -> None:
        self.config, self.root, self.night = config, root, night

    def lcr(self, *words: object, expect: int | None = 0) -> str:
        """Run `lcr` on this root; return all that it says."""
        command = [LCR, *words, "--config", self.config, "--root", self.root]
        done = subprocess.run(
            [str(c) for c in command], capture_output=True, text=True, check=False, timeout=900, env=self.environment()
        )
        said = done.stdout + done.stderr
        assert expect is None or done.returncode == expect, f"exit code {done.returncode}\n{said}\n{self.logs()}"
        return said

    def environment(self) -> dict[str, str]:
        return {**os.environ, "COLUMNS": "160"}

    def start(self, *words: object) -> subprocess.Popen[bytes]:
        """Start `lcr` in a session of its own, silent."""
        command = [str(c) for c in (LCR, *words, "--config", self.config, "--root", self.root)]
        return subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=self.environment(),
        )

    @property
    def layout(self) -> Layout:
        return Layout(self.root, dt.date.fromisoformat(self.night))

    def fingerprints(self) -> dict[str, str]:
        """Fingerprint of every store, and what the release says of itself."""
        found = {s: read_manifest(self.layout.manifest(s)).fingerprint for s in (*SPINE_STORES, *MODEL_STORES)}
        found["publish"] = (self.layout.night_dir / "publish.json").read_text()
        return found

    def stage_times(self) -> dict[str, int]:
        """When each stage last ended, by its log."""
        return {stage: log_path(self.layout, stage).stat().st_mtime_ns for stage in STAGES}

    def logs(self) -> str:
        folder = self.root / "run" / "logs"
        return "\n".join(
            f"--- {f.name}\n{f.read_text(errors='replace')[-1500:]}" for f in sorted(folder.rglob("*.log"))
        )


def wait_until(condition: Callable[[], bool], seconds: float = 300) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def kill_nine(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the leader alone: what a power cut or an out-of-memory killer does to `lcr run`."""
    process.send_signal(signal.SIGKILL)
    process.wait()
