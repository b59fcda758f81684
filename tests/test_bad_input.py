"""Bad input, a line each: one message (found, wanted, what to do), exit code 2, and a root of which no file changed.

What is wrong              | stated by
---------------------------|---------------------------------------------------------------------------------------
unknown config key         | here; every kind of slip: lcr_hpc/test_config.py::test_a_slip_is_named
missing folder             | here; missing files: lcr_hpc/spine/test_bad_input.py::test_missing_files_and_folders_are_named_together
truncated CSV              | lcr_hpc/spine/test_bad_input.py::test_a_file_that_was_cut_off_is_noticed
                           | of a day: ::test_a_day_whose_rows_are_all_bad_is_refused_and_a_cut_row_is_quarantined
NaN coordinate             | lcr_hpc/spine/test_bad_input.py::test_coordinates_that_are_no_numbers_and_capacities_below_nothing_are_told_together
swapped latitude, longitude| here; of a sensor list, undeclared or wrongly declared: lcr_hpc/spine/test_air_defects.py::test_a_swap_is_never_guessed
                           | of boundaries: lcr_hpc/spine/test_feeds.py::test_bad_boundaries_are_refused_with_what_to_do
wrong CRS                  | lcr_hpc/spine/test_bad_input.py::test_what_is_wrong_with_the_network_is_told_at_once
negative capacity          | the same, on line 2
zone without a road        | here
unreachable demand         | handled, not refused: named and left out of all flows;
                           | lcr_hpc/traffic/test_stage.py::test_each_period_is_an_equilibrium_of_its_demand,
                           | lcr_hpc/traffic/test_command.py::test_demand_without_a_path_is_shown_by_name
full disk                  | here
unreadable Zarr chunk      | here
wrong-unit column          | here, of a store; of a network's speeds: lcr_hpc/spine/test_bad_input.py::test_what_is_wrong_with_the_network_is_told_at_once
clock change               | handled, not refused: 23 or 25 hours, and an hour that does not exist is quarantined;
                           | lcr_hpc/spine/test_ingest.py::test_a_local_day_has_as_many_half_hours_as_its_clock_runs_through,
                           | lcr_hpc/spine/readers/test_samples.py::test_an_hour_that_the_clocks_skip_and_one_that_comes_twice_but_stands_once_are_refused
read-only root             | here
two runs in one root       | here; who may take a root over: lcr_hpc/night/test_owner.py
"""  # noqa: E501  (names of tests)

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lcr_hpc.config import dump_config
from lcr_hpc.night.owner import take
from lcr_hpc.spine.stage import run_ingest, run_twin
from lcr_hpc.store.layout import layout_of
from tests.command_line import refused
from tests.lcr_hpc.spine.conftest import town_config
from tests.lcr_hpc.traffic.town import Town

CONFIG = dump_config(town_config(areas=20))
ON_A_SMALL_DISK = """
mount -t tmpfs -o size=8m none disk && cp -R root disk/ || exit 77
if [ "$1" = full ]; then  # 40 kB are left: enough to begin a store and not enough to end it
    head -c 9m /dev/zero > disk/filler 2>/dev/null; truncate -s -40k disk/filler
else
    mount -o remount,ro disk
fi
shift
# run/ holds logs and remembered fingerprints, which a stage may add to before the disk is full.
look() {
    find disk/root -path disk/root/run -prune -o -print | sort
    find disk/root/spine -type f -exec sha256sum {} + | sort
}
look > before
"$@" --root disk/root
code=$?
look > after
exit $code
"""


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the feeds and stores of twenty areas. Shared by all: look, do not touch."""
    root = tmp_path_factory.mktemp("landed") / "root"
    config = town_config(areas=20)
    layout = layout_of(config, root)
    run_twin(config, layout)
    run_ingest(config, layout)
    return root


@pytest.fixture
def root(landed: Path, tmp_path: Path) -> Path:
    """Return the same root, for one test to spoil, beside its `config.yaml`."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    return Path(shutil.copytree(landed, tmp_path / "root"))


def _edit(file: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_csv(file, dtype=str, keep_default_na=False)).to_csv(file, index=False, lineterminator="\n")


def _refuse_ingest(root: Path, *wanted: str) -> None:
    refused("spine", "ingest", "--config", root.with_name("config.yaml"), root=root, wanted=wanted)


def test_an_unknown_config_key(tmp_path):
    (tmp_path / "slip.yaml").write_text("trafic:\n  relative_gap: 1.0e-4\n")
    for words in (["run"], ["spine", "ingest"], ["traffic"]):
        wanted = [r"slip\.yaml", r"`trafic` is no setting; did you mean `traffic`\?"]
        refused(*words, "--config", tmp_path / "slip.yaml", root=tmp_path / "root", wanted=wanted)
    assert not (tmp_path / "root").exists()


def test_a_missing_folder(root):
    terms = "title: t, nature: real, licence: l, attribution: a"
    config = root.with_name("feeds.yaml")
    config.write_text(f"spine:\n  feeds:\n    population: {{path: /no/such/folder/people.csv, {terms}}}\n")
    refused("run", "--config", config, root=root, wanted=[r"`spine\.feeds\.population.*/no/such/folder/people\.csv"])
    shutil.rmtree(root / "spine" / "incoming" / "network")
    shutil.rmtree(root / "spine" / "incoming" / "weather")
    _refuse_ingest(root, r"no file .*network/node\.csv; land one, or run `lcr spine feeds`", r"incoming/weather")
    shutil.rmtree(root / "spine" / "incoming")
    _refuse_ingest(root, r"no folder .*incoming; land feeds there with `lcr spine feeds`")


def test_swapped_latitude_and_longitude(root):
    swap = {"latitude": "longitude", "longitude": "latitude"}
    _edit(root / "spine" / "incoming" / "air" / "sites.csv", lambda t: t.rename(columns=swap)[t.columns])
    _refuse_ingest(root, r"air/sites\.csv: latitude and longitude are swapped for \w+.*; swap the two columns' headers")


def test_a_zone_without_a_road(root):
    folder = root / "spine" / "incoming" / "network"
    node = pd.read_csv(folder / "node.csv", dtype=str, keep_default_na=False)
    zone, lost = node.loc[node["zone_id"] != "", ["zone_id", "node_id"]].iloc[0]
    _edit(folder / "link.csv", lambda t: t[t["from_node_id"] != lost])
    _refuse_ingest(root, rf"link\.csv: no road to, or none from, the centroids of {zone}; add connectors")


def test_an_unreadable_zarr_chunk(tmp_path):
    _, layout = Town().write(tmp_path / "root")
    (chunk,) = (f for f in (layout.store("network") / "capacity_veh_h" / "c").rglob("*") if f.is_file())
    whole = chunk.read_bytes()
    # Cut off, as a crash leaves it; and overwritten in the middle, as a failing disk does.
    for damaged in (whole[:40], whole[:5] + b"\xff" * 25 + whole[30:]):
        chunk.write_bytes(damaged)
        wanted = [r"network\.zarr: `capacity_veh_h` has a chunk that cannot be read .*; remove the store and run"]
        refused("traffic", root=layout.root, wanted=wanted)


def test_a_column_in_a_wrong_unit(tmp_path):
    _, layout = Town().write(tmp_path / "root")
    file = layout.store("network") / "capacity_veh_h" / "zarr.json"
    described = json.loads(file.read_text())
    described["attributes"]["units"] = "veh/day"
    file.write_text(json.dumps(described))
    refused("traffic", root=layout.root, wanted=[r"network\.zarr: `capacity_veh_h` is in `veh/day`, wanted `veh/h`"])


def test_two_runs_in_one_root(root):
    take(root / "run")
    wanted = [rf"a run is going on in {root} \(process {os.getpid()} .*\); wait for it, or use another --root"]
    refused("run", "--config", root.with_name("config.yaml"), root=root, wanted=wanted)


def _on_a_small_disk(root: Path, state: str, *words: str) -> str:
    """Run `lcr` on a copy of a root on a disk of 8 MB, mounted for this process alone; return what it said."""
    folder = root.parent
    (folder / "disk").mkdir(exist_ok=True)
    lcr = [sys.executable, "-m", "lcr_hpc.cli", *words, "--config", "config.yaml"]
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", ON_A_SMALL_DISK, "sh", state, *lcr]
    if shutil.which("unshare") is None:
        pytest.skip("no `unshare` here to mount a small disk with")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    if not (folder / "before").exists():
        pytest.skip(f"no disk may be mounted here; it needs root, or user namespaces: {done.stderr.strip()}")
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("lcr: ") and done.stderr.count("\n") == 1, done.stderr
    assert (folder / "before").read_text() == (folder / "after").read_text()
    return done.stderr


@pytest.mark.parametrize("stage", ["feeds", "ingest"])
def test_a_full_disk(root, stage):
    # Other people, and another seed: both stages have something new to write.
    _edit(root / "spine" / "incoming" / "population" / "population.csv", lambda t: t.assign(**{"30": "7"}))
    root.with_name("config.yaml").write_text(CONFIG.replace("seed: 2040", "seed: 2041"))
    assert "the disk is full; free some space and continue with `lcr resume`" in _on_a_small_disk(
        root, "full", "spine", stage
    )


@pytest.mark.parametrize("words", [["run"], ["spine", "ingest"]], ids=" ".join)
def test_a_read_only_root(root, words):
    said = _on_a_small_disk(root, "read-only", *words)
    assert "the file system is read-only; choose another folder with --root" in said
