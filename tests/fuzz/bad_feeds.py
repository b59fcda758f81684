"""Bad files of the spine's own CSV feeds, by a seed, through the landing zone: what an ingest makes of each.

`python -m tests.fuzz.bad_feeds --files 10000` lands that many, one at a time, beside a day that is stored, and ingests
it. Each must be refused with a reason and leave every byte as it was, or be read and leave a whole store: a manifest
that says what is there, no NaN without its flag, nothing infinite, a reason for each row in quarantine, nothing half
written. The normal tests land a few of each.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lcr_hpc.compute.kernel_cache import use_kernel_cache
from lcr_hpc.config import load_config
from lcr_hpc.errors import LcrError
from lcr_hpc.spine.ingest.air import ingest_air
from lcr_hpc.spine.ingest.areas import Areas, ingest_areas
from lcr_hpc.spine.ingest.counts import ingest_counts
from lcr_hpc.spine.ingest.energy import ingest_energy
from lcr_hpc.spine.ingest.flags import FLAG_OF
from lcr_hpc.spine.ingest.weather import ingest_weather
from lcr_hpc.spine.stage import run_twin
from lcr_hpc.store.layout import Layout, layout_of
from lcr_hpc.store.manifest import fingerprint_store, read_manifest
from lcr_hpc.store.shards import open_series
from lcr_hpc.store.variables import REGISTRY
from tests.fuzz.bad_files import DEFECTS
from tests.fuzz.seeds import Case, Found, report, try_each

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"
MISSING = 1


class Feed(NamedTuple):
    """One kind of file, and what reads it."""

    dataset: str
    file: str
    """Name of the good file, `{}` for the day"""
    ingest: Callable[[Layout, Areas], Any]


FEEDS = (
    Feed("counts", "counts_{}.csv", ingest_counts),
    Feed("energy", "electricity_{}.csv", ingest_energy),
    Feed("counts", "counts_{}.csv", ingest_counts),  # twice: the wide reader has the largest files to take
    Feed("air", "station_background_000_{}.csv", ingest_air),
    Feed("weather", "weather_{}.csv", ingest_weather),
    Feed("air", "sensor_low_cost_002_{}.csv", ingest_air),
    Feed("counts", "detectors.csv", ingest_counts),
    Feed("air", "sites.csv", ingest_air),
)
STORED, BAD = "2025-10-14", "2025-10-15"


class Place:
    """A root with one stored day of every feed, as often as one is needed."""

    def __init__(self, folder: Path) -> None:
        config = load_config(TINY)
        whole = layout_of(config, folder / "whole")
        run_twin(config.model_copy(update={"twin": config.twin.model_copy(update={"days": 2})}), whole)
        self.areas, _ = ingest_areas(whole)
        self.good = {f: (whole.incoming / f.dataset / f.file.format(BAD)).read_bytes() for f in FEEDS}
        self.clean = {}
        for dataset in dict.fromkeys(f.dataset for f in FEEDS):
            layout = layout_of(config, folder / f"clean_{dataset}")
            shutil.copytree(whole.incoming / dataset, layout.incoming / dataset)
            for file in layout.incoming.glob(f"*/*_{BAD}.csv"):
                file.unlink()
            next(f for f in FEEDS if f.dataset == dataset).ingest(layout, self.areas)()
            self.clean[dataset] = layout
        self.work = {d: layout_of(config, folder / f"work_{d}") for d in self.clean}
        for dataset in self.clean:
            self.restore(dataset)

    def restore(self, dataset: str) -> None:
        """Take back whatever an ingest has done."""
        shutil.rmtree(self.work[dataset].root, ignore_errors=True)
        shutil.copytree(self.clean[dataset].root, self.work[dataset].root)


def bad_feed(seed: int, place: Place) -> tuple[Feed, str, bytes]:
    """Feed, defect and bytes of the bad file of a seed; every defect meets every feed in turn."""
    feed, defect = FEEDS[seed % len(FEEDS)], DEFECTS[seed // len(FEEDS) % len(DEFECTS)]
    rng = np.random.Generator(np.random.Philox(key=seed))
    data = defect(place.good[feed], rng)
    if rng.random() < 0.15 and len(data) < 1 << 20 and data:  # some carry two
        data = DEFECTS[rng.integers(len(DEFECTS))](data, rng)
    return feed, defect.__name__, data


def judge(place: Place, feed: Feed, data: bytes) -> tuple[str, str]:
    """ "refused" with its reason, or "read"; an AssertionError where the ingest breaks a rule."""
    layout = place.work[feed.dataset]
    file = layout.incoming / feed.dataset / feed.file.format(BAD)
    before = _tree(layout)
    file.write_bytes(data)
    try:
        feed.ingest(layout, place.areas)()
    except LcrError as error:
        said = str(error)
        assert said.strip() and len(said) < 20_000 and "Traceback" not in said, said[:500]
        assert _tree(layout) == before, "refused, but something was written"
        file.write_bytes(place.good[feed]) if "{}" not in feed.file else file.unlink()
        return "refused", said
    try:
        _check(layout, feed.dataset)
    finally:
        place.restore(feed.dataset)
    return "read", ""


def _tree(layout: Layout) -> dict[str, bytes]:
    """Bytes of all that an ingest may write, but for what it only remembers (run/)."""
    spine = layout.root / "spine"
    files = (f for f in spine.rglob("*") if f.is_file() and layout.incoming not in f.parents)
    return {str(f.relative_to(spine)): f.read_bytes() for f in files}


def _check(layout: Layout, dataset: str) -> None:
    path = layout.store(dataset)
    assert fingerprint_store(path) == dict(read_manifest(layout.manifest(dataset)).variables), "another manifest"
    assert not list(path.rglob("*.partial")) and not list(path.parent.glob("*.zarr.*")), "half written"
    for name, flag_name in FLAG_OF.items():
        if name not in REGISTRY[dataset]:
            continue
        values, flags = open_series(path, dataset, name), open_series(path, dataset, flag_name)
        for day in range(values.count):
            if not values.holds(day):
                continue
            value, flag = values.read(day), flags.read(day)
            missing = np.isnan(value) if value.dtype.kind == "f" else value < 0
            assert (missing == (flag == MISSING)).all(), f"{name}: a value and its flag differ on what is missing"
            assert value.dtype.kind != "f" or not np.isinf(value).any(), f"{name}: infinite"
    with (layout.root / "spine" / "quarantine" / f"{dataset}.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            assert int(row["line"]) > 0 and row["reason"] and row["file"], row


def run(seeds: Iterable[int], *, stop: bool = True) -> Found:
    """Land the bad files of some seeds; count (file, outcome), and list what broke a rule."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))

        def case(seed: int) -> Case:
            feed, defect, data = bad_feed(seed, place)
            key, told = feed.file.format("*"), f"{feed.file}, {defect}"
            return Case(key, told, lambda: judge(place, feed, data), lambda: place.restore(feed.dataset))

        return try_each(seeds, case, stop=stop)


if __name__ == "__main__":
    use_kernel_cache()
    sys.exit(report(__doc__, lambda seeds: run(seeds, stop=False)))
