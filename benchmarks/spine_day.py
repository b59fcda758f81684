"""One more day into a store of three years, against the same day into an empty store and into a store of one day.

    .venv/bin/python benchmarks/spine_day.py counts --scratch FOLDER     # 1,000 detectors, a file a day
    .venv/bin/python benchmarks/spine_day.py night --scratch FOLDER      # the twin's 24 areas: every feed of a night

counts times `ingest_counts`, which the night's ingest calls for this feed; night times `run_ingest`, all that
`lcr spine ingest` does but for its own start. The stores take turns in one process, after one ingest that is not
timed; which comes first differs by turn. The new files and bytes must be the same in each store. A gap of a day lies
between days, since flags read across midnight. Seconds are of the processor (and of the clock): medians; ratios are
medians of the turns' ratios. "new year": a day of a year for which the store has no room, so that it is laid out anew.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from spine_ingest import ingest, make_root, timed, warm, write_day

DETECTORS = [f"D{i:06d}" for i in range(1000)]
FIRST, YEARS_DAYS = dt.date(2023, 1, 1), 3 * 365 - 60
"""The last of three years is not over, so that the store has room for the days that are timed"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["counts", "night"])
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--turns", type=int, default=9)
    options = parser.parse_args()
    options.scratch.mkdir(parents=True, exist_ok=True)
    {"counts": counts, "night": night}[options.what](options)


def counts(options) -> None:
    warm(options)
    root = options.scratch / "counts_day"
    shutil.rmtree(root, ignore_errors=True)

    def land(layout, day: dt.date) -> None:
        write_day(layout, day, DETECTORS)

    years, one = make_root(root / "years", DETECTORS), make_root(root / "one", DETECTORS)
    for k in range(YEARS_DAYS):
        land(years, FIRST + dt.timedelta(days=k))
    land(one, FIRST + dt.timedelta(days=YEARS_DAYS - 1))

    def empty():
        shutil.rmtree(root / "empty", ignore_errors=True)
        return make_root(root / "empty", DETECTORS)

    days = [FIRST + dt.timedelta(days=YEARS_DAYS + 1 + 2 * k) for k in range(options.turns)]
    stores = {"empty": empty, "one day": lambda: one, "three years": lambda: years}
    compare(stores, days, land, ingest, ["counts"])
    for name, layout in (("one day", one), ("three years", years)):
        land(layout, dt.date(2026, 3, 1))
        print(f"new year, into {name}: CPU s {timed(lambda where=layout: ingest(where))['cpu']:.3f}")


def night(options) -> None:
    from lcr_hpc.compute.kernel_cache import use_kernel_cache

    use_kernel_cache()
    from lcr_hpc.config import load_config
    from lcr_hpc.spine.stage import run_ingest, run_twin
    from lcr_hpc.store.layout import layout_of

    tiny = load_config(Path(__file__).parents[1] / "configs" / "tiny.yaml")

    def config_of(day: dt.date, days: int = 1):
        twin = tiny.twin.model_copy(update={"days": days})
        return tiny.model_copy(update={"night": day, "twin": twin})

    def layout(name: str):
        return layout_of(tiny, options.scratch / "night_day" / name)

    shutil.rmtree(options.scratch / "night_day", ignore_errors=True)
    last = dt.date(2025, 10, 31)
    for year in (2023, 2024, 2025):
        run_twin(config_of(last.replace(year=year), 365), layout("years"))
    run_twin(config_of(last), layout("one"))
    days = [last + dt.timedelta(days=2 + 2 * k) for k in range(options.turns)]
    stores = {"one day": lambda: layout("one"), "three years": lambda: layout("years")}
    compare(
        stores, days, lambda where, day: run_twin(config_of(day), where), lambda where: run_ingest(tiny, where),
        ["counts", "air", "weather", "energy"],
    )  # fmt: skip


def compare(stores: dict[str, Callable], days, land: Callable, work: Callable, feeds: list[str]) -> None:
    """Land and ingest each day in each store, in turns."""
    for make in stores.values():  # twice: a file is believed once it was older than two seconds when it was read
        work_or_nothing(work, make())
    time.sleep(2.5)
    for make in stores.values():
        work_or_nothing(work, make())
    cpu, wall = ({name: [] for name in stores} for _ in range(2))
    for turn, day in enumerate(days):
        told = []
        order = list(stores)[turn % len(stores) :] + list(stores)[: turn % len(stores)]
        for name in order:
            layout = stores[name]()
            land(layout, day)
            before = stamps(layout, feeds)
            found = timed(lambda where=layout: work(where))
            cpu[name].append(found["cpu"])
            wall[name].append(found["wall"])
            told.append(written(layout, feeds, before))
        assert all(t == told[0] for t in told), "other files or bytes"
    files = sum(1 for k in layout.incoming.rglob("*") if k.is_file())
    print(
        f"{len(told[0])} shards written a day, the same bytes in each store; {files} files in the landing zone of one"
    )
    for name in stores:
        print(f"{name:11} CPU s {statistics.median(cpu[name]):.4f}, clock {statistics.median(wall[name]):.4f}")
    for name in stores:
        if name != "three years":
            for what, seconds in (("CPU", cpu), ("clock", wall)):
                ratios = [a / b for a, b in zip(seconds["three years"], seconds[name], strict=True)]
                print(f"three years / {name}, {what}: {statistics.median(ratios):.2f} "
                      f"({min(ratios):.2f} to {max(ratios):.2f})")  # fmt: skip


def work_or_nothing(work: Callable, layout) -> None:
    if list(layout.incoming.glob("*/*_20*")):
        work(layout)


def shards(layout, feeds: list[str]):
    for feed in feeds:
        for file in layout.store(feed).glob("*/c/**/*"):
            if file.is_file():
                yield file, (feed, *file.relative_to(layout.store(feed)).parts)


def stamps(layout, feeds: list[str]) -> dict[Path, tuple[int, int]]:
    return {f: (f.stat().st_mtime_ns, f.stat().st_ino) for f, _ in shards(layout, feeds)}


def written(layout, feeds: list[str], before) -> list[tuple]:
    """Shards of days that are not as they were, but for the number of the day, and their bytes."""
    news = ((f, p) for f, p in shards(layout, feeds) if before.get(f) != (f.stat().st_mtime_ns, f.stat().st_ino))
    return sorted((*p[:3], *p[4:], f.read_bytes()) for f, p in news if "time" not in p and len(p) > 3 and p[3] != "0")


if __name__ == "__main__":
    main()
