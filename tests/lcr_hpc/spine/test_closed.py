"""Closed datasets: nobody else can open them, and no message quotes them. A feed stays in its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.check import check_file, describe
from lcr_hpc.spine.compact import compact
from lcr_hpc.spine.stage import run_ingest
from lcr_hpc.store.layout import Layout


def _close(layout: Layout, dataset: str) -> None:
    file = layout.incoming / dataset / "dataset.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"tier": "closed"}))


def _mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def test_what_rests_on_a_closed_dataset_is_its_owners_alone(town):
    config, layout = town
    (layout.root / "spine").chmod(0o755)
    _close(layout, "counts")
    day = layout.incoming / "counts" / "counts_2025-10-15.csv"
    day.write_text(day.read_text() + "2025-10-15T23:30:00Z\n")
    run_ingest(config, layout)
    private = (layout.incoming / "counts", layout.store("counts"))
    assert [_mode(p) for p in private] == ["700", "700"]
    spine, snapshot = layout.root / "spine", compact(layout, "counts")
    files = (layout.manifest("counts"), snapshot.with_suffix(".json"))
    files += tuple(spine / f for f in ("quarantine/counts.csv", "ledger/counts.jsonl"))
    files += tuple(layout.run_dir / "prints" / f for f in ("counts.jsonl", "counts.zarr.txt"))
    assert [_mode(p) for p in files] == ["600"] * 6 and _mode(snapshot) == "700"
    assert _mode(compact(layout, "energy")) == "755"
    assert [_mode(p) for p in (layout.store("air"), layout.manifest("air"))] == ["755", "644"]


def test_a_store_is_private_until_its_manifest_says_its_tier(tmp_path):
    from lcr_hpc.store.slabs import create_store

    create_store(tmp_path / "s" / "services.zarr", "services", {"service": 2})
    assert _mode(tmp_path / "s" / "services.zarr") == "700"


def test_the_problems_of_a_closed_dataset_are_told_to_its_owner_alone(town):
    config, layout = town
    _close(layout, "services")
    path = layout.incoming / "services" / "services.csv"
    text = path.read_text().splitlines()
    path.write_text("\n".join([text[0], text[1].rsplit(",", 1)[0] + ",secret-7", *text[2:]]) + "\n")
    (layout.incoming / "network" / "node.csv").unlink()
    with pytest.raises(InputError) as caught:
        run_ingest(config, layout)
    said = str(caught.value)
    assert "secret-7" not in said and "`services` is closed and has 1 problem; read them in" in said
    assert "no file" in said and "node.csv" in said
    kept = layout.root / "spine" / "quarantine" / "services.problems.txt"
    assert "secret-7" in kept.read_text() and _mode(kept) == "600"


def test_a_value_of_a_closed_dataset_is_nowhere_that_others_can_read_and_nothing_lies_outside(town, capfd):
    config, layout = town
    (layout.root / "spine").chmod(0o755)
    _close(layout, "counts")
    day = layout.incoming / "counts" / "counts_2025-10-15.csv"
    lines = day.read_text().splitlines()
    lines[3] = ",".join([lines[3].split(",")[0], "secret-7", *lines[3].split(",")[2:]])
    day.write_text("\n".join(lines) + "\n")
    outside = {p for p in layout.root.parent.rglob("*") if not p.is_relative_to(layout.root)}
    before = {p for p in layout.root.rglob("*") if p.is_file()}
    run_ingest(config, layout)
    assert "secret-7" not in "".join(capfd.readouterr())
    told = [p for p in layout.root.rglob("*") if p.is_file() and b"secret-7" in p.read_bytes()]
    assert {p.name for p in told} == {day.name, "counts.csv"}
    for path in told:
        assert not all(p.stat().st_mode & 0o044 for p in (path, path.parent)), path
    made = {p.relative_to(layout.root).parts[:2] for p in layout.root.rglob("*") if p.is_file()} - {
        p.relative_to(layout.root).parts[:2] for p in before
    }
    assert not {m[0] for m in made} - {"spine", "run"}
    assert {p for p in layout.root.parent.rglob("*") if not p.is_relative_to(layout.root)} == outside


def test_check_shows_no_value_of_a_closed_dataset(town):
    _, layout = town
    _close(layout, "air")
    path = layout.incoming / "air" / "LC9.csv"
    header = '"Date & Time",Temperature,Humidity,PM1.0,PM2.5,PM10'
    rows = ["0000-00-00,1,2,3,4,5", "2025-01-15 00:00:00,1,2,3,secret,5"]
    path.write_text("\n".join([header, *rows]) + "\n")
    reading = check_file(path, "low_cost_pm", {})
    assert "secret" in reading.rejected["value"].tolist()
    assert "secret" not in describe(reading) and "a value of a closed dataset" in describe(reading)


@pytest.mark.parametrize("target", ["air", "counts/detectors.csv", "weather/link.csv"])
def test_a_link_in_the_landing_zone_is_refused_before_anything_is_read(town, tmp_path, target):
    config, layout = town
    outside = tmp_path / "outside"
    path = layout.incoming / target
    if path.exists():
        path.rename(outside)
    else:
        outside.write_text("time_utc\n")
    path.symlink_to(outside)
    with pytest.raises(InputError, match="is a symbolic link; feeds land as files"):
        run_ingest(config, layout)
