"""A run folder, a config and the stand-in for the stages."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lcr_hpc.night.owner import read_owner
from lcr_hpc.night.processes import processes_with, stop_processes

FAKE = Path(__file__).with_name("fake_lcr.py")
PROGRAM = """
import datetime, signal, sys
from pathlib import Path
from lcr_hpc import night
from lcr_hpc.errors import LcrError
# Tests that a shell has put into the background hand down that Ctrl-C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
verb, config, root, options = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), eval(sys.argv[4])
try:
    sys.exit(getattr(night, verb)(config, root=root, **options))
except LcrError as error:
    print(f"lcr: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
"""


class Root:
    """One run folder, and what a person does in it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.config = folder / "root", folder / "night.yaml"
        self.tokens: set[str] = set()
        self.configure()

    def configure(self, **sections: Any) -> None:
        self.config.write_text(yaml.safe_dump({"name": "fake", **sections}))

    def start(self, verb: str, environment: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, verb, str(self.config), str(self.path), repr(options)]
        full = os.environ | {"LCR_COMMAND": f"{sys.executable} {FAKE}"} | (environment or {})
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=full)

    def say(self, verb: str, *, expect: int = 0, **options: Any) -> str:
        """Run one of the night's functions as a person would, to its end."""
        process = self.start(verb, **options)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == expect, said
        return said

    def run(self, **options: Any) -> list[str]:
        """Run a night; return the stages that ran."""
        (self.path / "ran.txt").unlink(missing_ok=True)
        self.say("run_night", **options)
        return self.ran()

    def ran(self) -> list[str]:
        file = self.path / "ran.txt"
        return file.read_text().split() if file.exists() else []

    def start_until(self, stage: str) -> subprocess.Popen[str]:
        """Start a night that hangs in a stage, and wait until it does."""
        process = self.start("run_night", {"FAKE_HANG": stage})
        for _ in range(600):
            if (self.path / "hanging").exists():
                (self.path / "hanging").unlink()
                owner = read_owner(self.path / "run")
                assert owner is not None
                self.tokens.add(owner.token)
                return process
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.1)
        raise AssertionError(f"{stage} never began")

    def living(self) -> list[int]:
        """Processes of the runs that hung."""
        return [p.pid for token in self.tokens for p in processes_with(token)]

    def manifests(self) -> dict[str, bytes]:
        files = [*self.path.glob("spine/*.json"), *self.path.glob("nights/*/*/*.json")]
        return {str(p.relative_to(self.path)): p.read_bytes() for p in sorted(files)}


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Root]:
    made = Root(tmp_path)
    yield made
    for token in made.tokens:
        stop_processes(token, 1.0)
