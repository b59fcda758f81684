"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lcr_hpc.compute.kernel_cache import use_kernel_cache
from tests.nights import Night

use_kernel_cache()
REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repo() -> Path:
    return REPO


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Return the folder of real data; skip, saying why, on a machine that has none."""
    folder = Path(os.environ.get("LCR_TEST_DATA", REPO.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set LCR_TEST_DATA to a folder with tntp/, lcr/, carbon/ and health/")
    return folder


@pytest.fixture(scope="session")
def tiny(repo: Path) -> Path:
    return repo / "configs" / "tiny.yaml"


@pytest.fixture(scope="session")
def undisturbed(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A tiny night that ran through: read it, do not change it."""
    night = Night(tiny, tmp_path_factory.mktemp("undisturbed") / "root")
    night.lcr("run")
    return night
