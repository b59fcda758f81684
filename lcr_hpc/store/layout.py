"""Where things lie under a run's root: the one place that knows."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, replace
from pathlib import Path

from lcr_hpc.config import Config
from lcr_hpc.store.variables import MODEL_STORES, SPINE_STORES


@dataclass(frozen=True)
class Layout:
    """Paths of one night and one scenario under a root.

    Spine stores are continuous in time and shared by all nights; a model's store belongs to one night and
    one scenario and is never rewritten by another.
    """

    root: Path
    night: dt.date
    scenario: str = "base"

    @property
    def incoming(self) -> Path:
        """Landing zone: a folder a dataset, each with its dataset.json."""
        return self.root / "spine" / "incoming"

    @property
    def night_dir(self) -> Path:
        """Folder of this night's and scenario's model stores."""
        return self.root / "nights" / self.night.isoformat() / self.scenario

    @property
    def published(self) -> Path:
        """Folder of released snapshots and `latest`."""
        return self.root / "published"

    @property
    def run_dir(self) -> Path:
        """Where the workflow keeps its resolved config, locks, logs and history of times."""
        return self.root / "run"

    @property
    def solution(self) -> Path:
        """Folder of the solution of this scenario's traffic, which others may begin from: the base's alone is kept."""
        return self.night_dir / "traffic.solution"

    @property
    def base(self) -> Layout:
        """Layout of the base of the same night."""
        return replace(self, scenario="base")

    def store(self, name: str) -> Path:
        """Zarr store of a spine dataset or of a model."""
        return self._home(name) / f"{name}.zarr"

    def manifest(self, name: str) -> Path:
        """Manifest of a store: it exists only when the store is whole."""
        return self._home(name) / f"{name}.json"

    def _home(self, name: str) -> Path:
        if name in SPINE_STORES:
            return self.root / "spine"
        if name in MODEL_STORES:
            return self.night_dir
        raise KeyError(name)


def resolve_root(config: Config, root: Path | None = None) -> Path:
    """`--root`, else LCR_ROOT, else ./runs/<config name>."""
    if root is not None:
        return root.resolve()
    if from_environment := os.environ.get("LCR_ROOT"):
        return Path(from_environment).resolve()
    return (Path("runs") / config.name).resolve()


def layout_of(config: Config, root: Path | None = None) -> Layout:
    """Layout of a config's night and scenario."""
    return Layout(resolve_root(config, root), config.night, config.scenario)
