"""A run folder and what a person does with it, through the command line: for tests of whole nights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

LCR = Path(sys.executable).with_name("lcr")
STORES = ("areas", "mortality", "network", "demand", "counts", "air", "weather", "energy", "services")


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

    def fingerprints(self) -> dict[str, str]:
        """Fingerprint of every store, and of the release."""
        files = [self.root / "spine" / f"{s}.json" for s in STORES]
        files += [self.root / "nights" / self.night / "base" / f"{s}.json" for s in ("traffic", "carbon", "health")]
        found = {f.stem: json.loads(f.read_text())["fingerprint"] for f in files}
        found["publish"] = (self.root / "nights" / self.night / "base" / "publish.json").read_text()
        return found

    def stage_times(self) -> dict[str, int]:
        """When each stage last began, by its log."""
        folder = self.root / "run" / "logs" / self.night / "base"
        return {f.stem: f.stat().st_mtime_ns for f in folder.glob("*.log") if f.stem != "workflow"}

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
