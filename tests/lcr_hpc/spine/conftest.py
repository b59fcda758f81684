from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from lcr_hpc.config import Config, parse_config
from lcr_hpc.spine.stage import run_ingest, run_twin
from lcr_hpc.store.layout import Layout, layout_of


def town_config(**twin: Any) -> Config:
    settings = {"areas": 30, "geography": "generated", "daily_trips_per_person": 6, **twin}
    return parse_config({"name": "town", "twin": settings})


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Layout]:
    """A town's feeds, landed and stored. Shared by all: look, do not touch."""
    config = town_config()
    layout = layout_of(config, tmp_path_factory.mktemp("town"))
    run_twin(config, layout)
    run_ingest(config, layout)
    return config, layout


@pytest.fixture
def town(landed: tuple[Config, Layout], tmp_path: Path) -> tuple[Config, Layout]:
    """The same town, for one test to spoil."""
    config, layout = landed
    shutil.copytree(layout.root, tmp_path / "town")
    return config, layout_of(config, tmp_path / "town")


@pytest.fixture
def lcr_feeds(test_data: Path, repo: Path) -> dict[str, dict[str, str]]:
    """The real feeds of configs/lcr.yaml."""
    from lcr_hpc.config import load_config

    feeds = load_config(repo / "configs" / "lcr.yaml").section("spine")["feeds"]
    return {k: f | {"path": str(test_data / "lcr" / Path(f["path"]).name)} for k, f in feeds.items()}


@pytest.fixture
def make_config() -> Any:
    return town_config
