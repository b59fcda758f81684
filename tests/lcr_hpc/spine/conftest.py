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


@pytest.fixture(scope="session")
def lcr_feeds(test_data: Path, repo: Path) -> dict[str, dict[str, str]]:
    """The real feeds of configs/lcr.yaml."""
    from lcr_hpc.config import load_config

    feeds = load_config(repo / "configs" / "lcr.yaml").section("spine")["feeds"]
    folders = ("lcr", "roads", "carbon")
    parts = {k: Path(f["path"]).parts for k, f in feeds.items()}
    cut = {k: max(i for i, part in enumerate(p) if part in folders) for k, p in parts.items()}
    return {k: f | {"path": str(test_data.joinpath(*parts[k][cut[k] :]))} for k, f in feeds.items()}


@pytest.fixture(scope="session")
def real_region(
    lcr_feeds: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Config, Layout]:
    """All real feeds of configs/lcr.yaml, landed and stored. Shared by all: look, do not touch."""
    twin = {"scale_to_road_traffic": True}
    config = parse_config({"name": "lcr", "night": "2019-10-16", "twin": twin, "spine": {"feeds": lcr_feeds}})
    layout = layout_of(config, tmp_path_factory.mktemp("region"))
    run_twin(config, layout)
    run_ingest(config, layout)
    return config, layout


@pytest.fixture
def make_config() -> Any:
    return town_config
