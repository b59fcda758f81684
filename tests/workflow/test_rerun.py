"""What runs again, and when. A run costs two starts of Snakemake, so each test walks through several."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import pytest

STAGES = ["feeds", "ingest", "traffic", "carbon", "health", "publish"]
pytestmark = pytest.mark.chain


def test_only_what_a_change_reaches_runs_again(root, repo):
    assert root.run() == STAGES
    first = root.manifests()

    began = time.monotonic()
    assert root.run() == []
    assert time.monotonic() - began < 60  # 8 s on two busy cores: this finds a hang, not a slow machine
    assert root.manifests() == first

    root.configure(carbon={"grid_cell_m": 250.0})
    assert root.run() == ["carbon", "health", "publish"]
    changed = [name for name, content in root.manifests().items() if content != first[name]]
    assert changed == [f"nights/2025-10-15/base/{stage}.json" for stage in ("carbon", "health", "publish")]

    root.configure(carbon={"grid_cell_m": 250.0}, compute={"ranks": 2, "threads": 2, "backend": "dask", "workers": 3})
    assert root.run() == []  # how it runs decides no result

    by_hand = ["snakemake", "--snakefile", repo / "Snakefile", "--directory", root.path / "run", "--cores", "1", "-n"]
    command = [sys.executable, "-m", *(str(word) for word in by_hand)]
    assert "Nothing to be done" in subprocess.run(command, capture_output=True, text=True, check=True).stdout

    root.configure(twin={"seed": 7})
    assert root.run() == STAGES


def test_what_is_missing_is_made_again_and_what_did_not_change_is_left(root):
    root.run()
    before = root.manifests()
    shutil.rmtree(root.path / "spine" / "areas.zarr")
    said = root.say("plan_night")
    assert "its store is gone" in said
    assert "only if ingest gives something else" in said
    assert root.run() == ["ingest"]  # its manifests are as before, so nothing follows
    assert (root.path / "spine" / "areas.zarr").is_dir()
    shutil.rmtree(root.path / "nights" / "2025-10-15" / "base" / "carbon.zarr")
    assert root.run() == ["carbon", "health", "publish"]
    shutil.rmtree(root.path / "published" / "2025-10-15")
    assert root.run() == ["publish"]
    (root.path / "nights" / "2025-10-15" / "base" / "traffic.json").unlink()
    (root.path / "spine" / "incoming" / "feeds.json").unlink()
    assert root.run() == STAGES
    assert root.manifests() == before


def test_another_night_and_a_scenario_have_folders_of_their_own(root, monkeypatch):
    root.run()
    first = (root.path / "nights" / "2025-10-15" / "base" / "health.json").stat()
    root.configure(night="2025-10-16")
    assert root.run() == STAGES
    assert (root.path / "nights" / "2025-10-16" / "base" / "publish.json").is_file()
    assert (root.path / "nights" / "2025-10-15" / "base" / "health.json").stat() == first
    # A scenario with measures begins from the base of its night, and runs again when that changed.
    slower = {"changes": [{"kind": "speed_limit", "links": {"links": [1]}, "max_km_h": 30}]}
    root.configure(night="2025-10-17", scenario="lower-speeds", traffic=slower)
    assert "run the base's config first" in root.say("run_night", expect=2)
    root.configure(night="2025-10-16", scenario="lower-speeds", traffic=slower)
    assert root.run() == ["traffic", "carbon", "health", "publish"]
    (root.path / "nights" / "2025-10-16" / "base" / "traffic.json").unlink()
    monkeypatch.setenv("FAKE_VALUE", "other")
    root.configure(night="2025-10-16")
    assert root.run(targets=("traffic",)) == ["traffic"]
    root.configure(night="2025-10-16", scenario="lower-speeds", traffic=slower)
    assert root.run(targets=("traffic",)) == ["traffic"]


def test_a_target_is_where_the_run_stops_and_ranks_are_started_by_mpiexec(root):
    root.configure(compute={"ranks": 2})
    assert root.run(targets=("spine",)) == ["feeds", "ingest"]
    assert root.run(targets=("carbon",)) == ["traffic", "traffic", "carbon"]
    assert root.run(targets=("traffic",)) == []


def test_a_feed_of_ones_own_runs_the_spine_when_its_content_changes(root, tmp_path):
    feed = tmp_path / "lookup.csv"
    feed.write_text("a,b\n")
    facts = {"title": "t", "nature": "real", "licence": "OGL", "attribution": "ONS"}
    root.configure(spine={"feeds": {"lookup": {"path": str(feed), **facts}}})
    root.run()
    feed.touch()
    assert root.run() == []
    feed.write_text("a,b\n1,2\n")
    assert root.run() == ["feeds", "ingest"]
    feed.unlink()
    assert f"no file {feed}" in root.say("run_night", expect=2)
