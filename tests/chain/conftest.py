"""What the tests of whole nights share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nights import Night


@pytest.fixture(scope="session")
def tiny(repo: Path) -> Path:
    return repo / "configs" / "tiny.yaml"


@pytest.fixture(scope="session")
def undisturbed(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A tiny night that ran through: read it, do not change it."""
    night = Night(tiny, tmp_path_factory.mktemp("undisturbed") / "root")
    night.lcr("run")
    return night
