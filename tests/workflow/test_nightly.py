"""The unattended night: a failure leaves what was published, missed nights are caught up, the deadline ends a run."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time

import pytest

from lcr_hpc.config import load_config
from lcr_hpc.night.execute import TOO_LATE, execute
from lcr_hpc.night.history import read_history
from lcr_hpc.night.owner import release, take
from lcr_hpc.night.processes import processes_with
from lcr_hpc.night.provenance import CRATE, crate_folder
from lcr_hpc.night.request import Request
from lcr_hpc.store.layout import layout_of
from lcr_hpc.store.manifest import fingerprint_file
from tests.workflow.conftest import FAKE

pytestmark = pytest.mark.chain
STAGES = ["feeds", "ingest", "traffic", "carbon", "health", "publish"]


def test_missed_nights_are_caught_up_after_a_failure(root):
    root.say("run_nightly", today=dt.date(2025, 10, 15))
    released = sorted(p.name for p in (root.path / "published").iterdir())
    assert released == ["2025-10-14"]
    (root.path / "ran.txt").unlink()

    process = root.start("run_nightly", {"FAKE_FAIL": "carbon"}, today=dt.date(2025, 10, 16))
    said, _ = process.communicate(timeout=240)
    assert process.returncode == 1, said
    assert root.ran() == ["feeds", "ingest", "traffic", "carbon"]
    assert sorted(p.name for p in (root.path / "published").iterdir()) == released
    (root.path / "ran.txt").unlink()

    said = root.say("run_nightly", today=dt.date(2025, 10, 17))
    assert "2 of 2 nights published" in max((root.path / "run" / "nightly").glob("*.md")).read_text()
    assert sorted(p.name for p in (root.path / "published").iterdir()) == ["2025-10-14", "2025-10-15", "2025-10-16"]
    assert len(read_history(root.path / "run")) == 6 + 3 + len(root.ran())
    _check_crate(root)
    (root.path / "ran.txt").unlink()

    root.say("run_nightly", today=dt.date(2025, 10, 17))
    assert root.ran() == []


def _check_crate(root):
    """Every part is there with its hash, every reference leads somewhere, every stage is an action."""
    night = load_config(root.config).model_copy(update={"night": dt.date(2025, 10, 16)})
    folder = crate_folder(layout_of(night, root.path))
    graph = json.loads((folder / CRATE).read_text())["@graph"]
    by_id = {entity["@id"]: entity for entity in graph}
    assert len(by_id) == len(graph)
    assert by_id["./"]["conformsTo"]["@id"].endswith("process/0.5")
    files = [entity for entity in graph if entity["@type"] == "File"]
    assert all(fingerprint_file(folder / f["@id"]) == f["sha256"] for f in files)
    assert {"config.yaml", "environment.json", "requirements.lock", "manifests/traffic.json"} <= {
        f["@id"] for f in files
    }
    assert [e["@id"] for e in graph if e["@type"] == "CreateAction"] == [f"#{stage}" for stage in STAGES]
    assert by_id["#traffic"]["instrument"] == {"@id": "#lcr-hpc"}
    inside = [value for entity in graph for value in _references(entity) if not value.startswith("http")]
    assert set(inside) <= by_id.keys()


def _references(entity):
    for value in entity.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield item["@id"]


def test_the_deadline_ends_a_run_and_all_that_it_started(root, monkeypatch, capsys):
    monkeypatch.setenv("LCR_COMMAND", f"{sys.executable} {FAKE}")
    monkeypatch.setenv("FAKE_HANG", "feeds")
    config = load_config(root.config)
    layout = layout_of(config, root.path)
    owner = take(layout.run_dir)
    root.tokens.add(owner.token)
    code = execute(config, layout, Request(), owner, deadline=time.time() + 10.0)
    release(layout.run_dir, owner)
    assert code == TOO_LATE
    assert "the deadline has passed" in capsys.readouterr().err
    assert processes_with(owner.token) == []
