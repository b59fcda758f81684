"""The tiny night, whole: what it publishes, when it runs again, and that nothing moves its bytes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from lcr_hpc.config import load_config
from lcr_hpc.night.stages import STAGES, last_stage, log_path, stage_outputs, stage_stores, stages_until
from lcr_hpc.publish.disclosure import hide_few_people
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.publish.suppression import SuppressionPolicy
from lcr_hpc.publish.tables_groups import GROUPS_USE, groups
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store
from tests.lcr_hpc.publish.test_disclosure import narrowest
from tests.nights import LCR, Night, kill_nine, wait_until

pytestmark = pytest.mark.chain


def _variant(tiny: Path, tmp_path: Path, **changes: dict[str, Any]) -> Path:
    """Write the tiny config with some settings of some sections changed."""
    values = yaml.safe_load(tiny.read_text())
    for section, settings in changes.items():
        values[section] = {**values.get(section, {}), **settings}
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(values))
    return file


@pytest.fixture
def copy(undisturbed: Night, tmp_path: Path) -> Night:
    """A finished night of one's own, to run again or to spoil."""
    shutil.copytree(undisturbed.root, tmp_path / "root", symlinks=True)
    return Night(undisturbed.config, tmp_path / "root")


def _verify(night: Night, snapshot: Path, expect: int = 0) -> str:
    done = subprocess.run([str(LCR), "verify", str(snapshot)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_night_ends_in_a_verified_release(undisturbed: Night):
    latest = undisturbed.root / "published" / "latest"
    assert latest.is_symlink()
    assert latest.resolve().name == undisturbed.night
    assert {"report.html", "areas.csv", "areas.parquet", "inequality.csv"} <= {f.name for f in latest.iterdir()}
    assert "as published" in _verify(undisturbed, latest)


def test_few_people_of_a_night_cannot_be_worked_out(undisturbed: Night):
    # The night's own synthetic people; "few" is set so that some are, and leaving those out alone gives them away.
    layout, few = undisturbed.layout, SuppressionPolicy(threshold=30, protection=3)
    inputs = Inputs(layout, GROUPS_USE, {})
    plain = groups(inputs)
    shown, (audit,) = hide_few_people(inputs, plain, few)
    places = open_store(layout.store("areas"), "areas").load()
    msoa, district = ([str(code) for code in places[level].to_numpy()] for level in ("msoa", "district"))
    pairs = zip(places["area_msoa"].to_numpy(), places["area_district"].to_numpy(), strict=True)
    parents = dict.fromkeys(district, "region") | {msoa[m]: district[d] for m, d in pairs}
    small = plain["persons"].between(1, few.threshold - 1)
    assert small.any()
    assert shown.loc[small, "persons"].isna().all()
    assert narrowest(shown, parents) == pytest.approx(audit.narrowest)
    assert audit.narrowest >= few.protection
    published = pd.read_csv(undisturbed.root / "published" / "latest" / "people.csv")
    assert not published["persons"].between(1, 7).any()


def test_a_changed_byte_of_a_release_is_found(copy: Night):
    latest = (copy.root / "published" / "latest").resolve()
    file = latest / "areas.csv"
    file.write_bytes(file.read_bytes().replace(b"1", b"2", 1))
    assert "areas.csv" in _verify(copy, latest, expect=2)


def test_every_equilibrium_reached_its_gap(undisturbed: Night):
    wanted = load_config(undisturbed.config).traffic.relative_gap
    store = open_store(undisturbed.layout.store("traffic"), "traffic")
    assert (store["relative_gap"] <= wanted).all()
    assert (store["iterations"] > 1).any(), "a town without congestion tests nothing"


def test_a_copied_root_runs_again_what_was_made_with_other_settings(copy: Night, tiny: Path, tmp_path: Path):
    before = copy.stage_times()
    copy.config = _variant(tiny, tmp_path, health={"counterfactual_ug_m3": 5.0})
    copy.lcr("run")
    after = copy.stage_times()
    assert {stage for stage in after if after[stage] != before[stage]} == {"health", "publish"}


def test_what_runs_again(tiny: Path, tmp_path: Path):
    # A night of its own: Snakemake knows its outputs by their place, so a copied root has forgotten its settings.
    night = Night(tiny, tmp_path / "root")
    night.lcr("run")
    before, prints = night.stage_times(), night.fingerprints()

    assert "nothing to run" in night.lcr("run")
    assert night.stage_times() == before

    night.config = _variant(tiny, tmp_path, carbon={"initial_sigma_z_m": 2.5})
    night.lcr("run")
    after = night.stage_times()
    assert {stage for stage in after if after[stage] != before[stage]} == {"carbon", "health", "publish"}
    changed = {name for name, fingerprint in night.fingerprints().items() if fingerprint != prints[name]}
    assert changed == {"carbon", "health", "publish"}


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_do_not_move_a_byte(undisturbed: Night, copy: Night, tiny: Path, tmp_path: Path, ranks: int):
    _forget_from(copy, "traffic")
    copy.config = _variant(tiny, tmp_path, compute={"ranks": ranks})
    copy.lcr("run", "traffic")  # what follows it reads its store, and no ranks
    assert _same_until(copy, undisturbed, "traffic")
    assert f"{ranks} ranks" in log_path(copy.layout, "traffic").read_text()


@pytest.mark.parametrize("workers", [1, 2])
def test_dask_workers_do_not_move_a_byte(undisturbed: Night, copy: Night, tiny: Path, tmp_path: Path, workers: int):
    _forget_from(copy, "carbon")
    copy.config = _variant(tiny, tmp_path, compute={"backend": "dask", "workers": workers})
    copy.lcr("run", "health")  # the release knows no workers
    assert _same_until(copy, undisturbed, "health")


# From the first stage on the whole night is done again; of the others only what was killed, and the last two go on
# into the release.
@pytest.mark.parametrize(
    ("stage", "target"),
    [
        ("feeds", "night"),
        ("ingest", "ingest"),
        ("traffic", "traffic"),
        ("carbon", "carbon"),
        ("health", "night"),
        ("publish", "night"),
    ],
)
def test_kill_nine_then_resume_gives_the_same_fingerprints(undisturbed: Night, copy: Night, stage: str, target: str):
    _forget_from(copy, stage)
    log = log_path(copy.layout, stage)
    log.unlink()
    process = copy.start("run", target)
    wait_until(lambda: log.exists() or process.poll() is not None)
    assert process.poll() is None, copy.logs()
    kill_nine(process)
    assert "lcr resume" in copy.lcr("run", expect=2)
    copy.lcr("resume")
    assert _same_until(copy, undisturbed, last_stage([target]))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_carbon_stage_goes_on_with_the_slabs_that_are_left(
    undisturbed: Night, copy: Night, tiny: Path, tmp_path: Path, workers: int
):
    _forget_from(copy, "carbon")
    backend = "serial" if workers == 1 else "dask"
    copy.config = _variant(tiny, tmp_path, compute={"backend": backend, "workers": workers, "checkpoint_seconds": 0})
    marks = copy.layout.night_dir / "carbon.slabs"
    process = copy.start("carbon")
    wait_until(lambda: len(list(marks.glob("*"))) > 6 or process.poll() is not None)
    assert process.poll() is None
    kill_nine(process)
    assert "slabs are there from the run before" in copy.lcr("carbon")
    assert not marks.exists()
    assert read_manifest(copy.layout.manifest("carbon")) == read_manifest(undisturbed.layout.manifest("carbon"))


def _same_until(night: Night, known: Night, stage: str) -> bool:
    """Whether what a stage and all before it have left has the fingerprints of a known night."""
    if stage == STAGES[-1]:
        return night.fingerprints() == known.fingerprints()
    stores = [store for name in stages_until(stage) for store in stage_stores(name)]
    made, wanted = ({s: read_manifest(n.layout.manifest(s)).fingerprint for s in stores} for n in (night, known))
    return bool(stores) and made == wanted


def _forget_from(night: Night, stage: str) -> None:
    """Take away what a stage and all after it have left."""
    for name in STAGES[STAGES.index(stage) :]:
        for file in stage_outputs(night.layout, name):
            file.unlink()
        for store in stage_stores(name):
            shutil.rmtree(night.layout.store(store))
    shutil.rmtree(night.layout.published)
    if stage == "feeds":
        shutil.rmtree(night.layout.incoming)
