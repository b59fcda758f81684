"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lcr_hpc.compute.kernel_cache import use_kernel_cache

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
