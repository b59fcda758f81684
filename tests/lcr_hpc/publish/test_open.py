"""open_product: a night's store by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError, StoreError
from lcr_hpc.publish.open import open_product
from lcr_hpc.publish.stage import run_publish
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest


@pytest.fixture
def root(snapshot: Path, written: Layout) -> Path:
    return written.root


def test_latest_is_the_published_night(root: Path, written: Layout):
    traffic = open_product("traffic@latest", root)
    assert traffic.sizes["period"] == 24
    assert traffic.attrs["night"] == "2025-10-15"
    assert traffic.attrs["scenario"] == "base"
    assert traffic.attrs["natures"] == "synthetic"
    assert traffic.attrs["fingerprint"] == read_manifest(written.manifest("traffic")).fingerprint
    assert open_product("areas@latest", str(root)).attrs["vintage"] == "LSOA 2011"


def test_a_night_and_a_scenario_by_name(root: Path):
    assert "sii" in open_product("health@2025-10-15", root)
    assert "sii" in open_product("health@2025-10-15/base", root)
    with pytest.raises(StoreError, match="no manifest"):
        open_product("health@2025-10-15/zone", root)
    with pytest.raises(StoreError, match="no manifest"):
        open_product("health@2025-10-16", root)


@pytest.mark.parametrize(
    "name", ["traffic", "traffic@", "traffic@yesterday", "roads@latest", "traffic@latest/", "x y@z"]
)
def test_another_name_is_one_message(root: Path, name: str):
    with pytest.raises(InputError, match="wanted STORE@NIGHT"):
        open_product(name, root)


def test_a_day_that_is_none(root: Path):
    with pytest.raises(InputError, match="no day of the calendar"):
        open_product("traffic@2025-02-30", root)


def test_the_root_is_found(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LCR_ROOT", raising=False)
    with pytest.raises(InputError, match=r"no run under \./runs"):
        open_product("traffic@latest")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "small").symlink_to(root)
    assert open_product("traffic@latest").attrs["night"] == "2025-10-15"
    (tmp_path / "runs" / "other" / "published").mkdir(parents=True)
    with pytest.raises(InputError, match="other, small"):
        open_product("traffic@latest")
    monkeypatch.setenv("LCR_ROOT", str(root))
    assert open_product("traffic@latest").attrs["night"] == "2025-10-15"
    with pytest.raises(StoreError, match="nothing is published"):
        open_product("traffic@latest", tmp_path)


def test_numbers_made_after_the_release_are_not_latest(region, tmp_path: Path):
    layout = region.write(tmp_path)
    run_publish(parse_config({}), layout)
    region.flow_factor = 3.0
    region.write(tmp_path)
    with pytest.raises(StoreError, match="made again after it was published"):
        open_product("traffic@latest", tmp_path)
    assert open_product("traffic@2025-10-15", tmp_path).sizes["period"] == 24
