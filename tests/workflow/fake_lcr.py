"""A stand-in for `lcr STAGE`: manifests and all but empty stores that follow from settings and inputs alone.

What runs again, and when, is tested with it in seconds; the real stages have chain tests of their own. What a test
wants of it, it says by environment: FAKE_FAIL=stage, FAKE_HANG=stage, FAKE_VALUE=text (content of the stores).
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from lcr_hpc.config import load_config
from lcr_hpc.night.stages import stage_outputs, stage_stores
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import finish_store, read_manifest, write_text

INPUTS = {
    "traffic": ("network", "demand", "counts"),
    "carbon": ("network", "areas", "weather", "air", "traffic"),
    "health": ("areas", "mortality", "carbon"),
}
SECTIONS = {"feeds": ("spine", "twin"), "ingest": ("spine", "twin")}


def main() -> None:
    at = sys.argv.index("--config")
    stage, config_file, root = sys.argv[at - 1], Path(sys.argv[at + 1]), Path(sys.argv[at + 3])
    config = load_config(config_file)
    layout = Layout(root, config.night, config.scenario)
    with (root / "ran.txt").open("a") as file:
        file.write(stage + "\n")
    if os.environ.get("PMI_RANK", "0") != "0":
        return
    print(f"{stage} begins")
    for path in stage_outputs(layout, stage):
        path.unlink(missing_ok=True)
    if os.environ.get("FAKE_HANG") == stage:
        (root / "hanging").touch()
        time.sleep(600)
    if os.environ.get("FAKE_FAIL") == stage:
        sys.exit(f"lcr: {stage}.zarr: found 3 slabs, wanted 4; give it one more")
    settings = {name: config.section(name) for name in SECTIONS.get(stage, (stage,))}
    for name in stage_stores(stage):
        inputs = [read_manifest(layout.manifest(i)) for i in INPUTS.get(stage, ())]
        content = [os.environ.get("FAKE_VALUE", ""), settings, {m.name: m.fingerprint for m in inputs}]
        write_text(layout.store(name) / "zarr.json", json.dumps(content))
        finish_store(layout.store(name), layout.manifest(name), name, inputs=inputs, settings=settings)
    if stage == "feeds":
        write_text(*stage_outputs(layout, stage), json.dumps(config.section("twin")))
    if stage == "publish":
        write_text(layout.published / str(config.night) / "report.html", "<p>")
        told = {"snapshot": str(config.night), "fingerprint": read_manifest(layout.manifest("health")).fingerprint}
        write_text(*stage_outputs(layout, stage), json.dumps(told))


if __name__ == "__main__":
    main()
