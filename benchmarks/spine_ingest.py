"""A wide detector CSV into the sharded store, against pyarrow.csv parsing the same file; two workers; memory.

    .venv/bin/python benchmarks/spine_ingest.py rate --scratch FOLDER [--days 365] [--rounds 3]
    .venv/bin/python benchmarks/spine_ingest.py workers --scratch FOLDER [--days 365]
    .venv/bin/python benchmarks/spine_ingest.py memory --scratch FOLDER [--gigabytes 10]

rate: each side is a process of its own on one CPU; they take turns. Seconds are CPU seconds of the work alone, without
imports and compilation. pyarrow.csv reads with use_threads=False, cpu count 1, float32 columns and blocks of 16 MB: of
1, 4, 16 and 64 MB the fastest for 4,096 columns. "bare" parses, arranges and writes; "all in" is the whole ingest:
hash, schema, ledger, flags, sources, quarantine, fingerprints, manifest.

workers: the whole ingest by two Dask workers that stand ready, against two independent copies of it at once; by the
clock, and in processor seconds, which other users of the machine disturb less: of two workers those on the critical
path, see `Watched`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

SITES = 4096


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["rate", "workers", "memory", "side"])
    parser.add_argument("side", nargs="?")
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--cpu", type=int, default=-1)
    options = parser.parse_args()
    options.scratch.mkdir(parents=True, exist_ok=True)
    {"rate": rate, "workers": workers, "memory": memory, "side": side}[options.task](options)


def rate(options) -> None:
    file = feed(options.scratch, options.days)
    megabytes = file.stat().st_size / 1e6
    names = ("pyarrow", "bare", "all in")
    seconds = {n: [] for n in names}
    for _ in range(options.rounds):
        for name in names:
            seconds[name].append(run(options, name, cpu=0)["cpu"])
    best = {n: min(s) for n, s in seconds.items()}
    for name in names:
        ratio = statistics.median(p / s for p, s in zip(seconds["pyarrow"], seconds[name], strict=True))
        print(f"{name:8} {megabytes:.0f} MB, CPU s {sorted(round(s, 2) for s in seconds[name])},", end=" ")
        print(f"{megabytes / best[name]:.0f} MB/s, {100 * ratio:.0f} % of pyarrow.csv (median of pairs)")


def workers(options) -> None:
    feed(options.scratch, options.days)
    found = {"clock": [], "processor": []}
    for _ in range(options.rounds):
        alone = run(options, "all in")
        begun = [start(options, "all in", copy=k) for k in range(2)]
        both = [json.loads(p.communicate()[0]) for p in begun]
        two = run(options, "all in", workers=2)
        for what, one, word in (("clock", "wall", "wall"), ("processor", "cpu", "critical")):
            copies, spread = max(b[one] for b in both), two[word]
            found[what].append((2 * alone[one] / copies, alone[one] / spread))
            print(
                f"{what}: alone {alone[one]:.2f} s, two copies {copies:.2f} s, two workers {spread:.2f} s", flush=True
            )
    for what, pairs in found.items():
        copies, spread = (statistics.median(f) for f in zip(*pairs, strict=True))
        share = statistics.median(b / a for a, b in pairs)
        print(f"{what}: speed-up of two copies {copies:.2f}, of two workers {spread:.2f}: {100 * share:.0f} %")


class Watched:
    """A backend that knows what its tasks cost: processor seconds by worker, map by map."""

    def __init__(self, backend, count: int) -> None:
        self.backend, self.count, self.maps = backend, count, []

    def map(self, function, items):
        begun = time.process_time()
        told = self.backend.map(functools.partial(watched, function), items)
        here, spent = time.process_time() - begun, {}
        for pid, cpu, _ in told:
            spent[pid] = spent.get(pid, 0.0) + cpu
        self.maps.append((here, max(spent.values(), default=0.0), sum(spent.values())))
        return [result for _, _, result in told]

    def critical(self, main: float) -> float:
        """Seconds on as many free cores as there are workers: this process alone between the maps; in each map the
        busiest worker, or all work (scheduling and hashing here among it) shared out evenly, whichever is longer.
        """
        inside = sum(max(most, (here + whole) / self.count) for here, most, whole in self.maps)
        return main - sum(here for here, _, _ in self.maps) + inside


def watched(function, item):
    begun = time.process_time()
    result = function(item)
    return os.getpid(), time.process_time() - begun, result


def memory(options) -> None:
    """One file of that size; the most memory that was held by the time that so much had been read, as it runs."""
    one = feed(options.scratch, 365)
    head, _, body = one.read_bytes().partition(b"\n")
    big, year = options.scratch / "big.csv", 1990
    with big.open("wb") as out:
        out.write(head + b"\n")
        while out.tell() < options.gigabytes * 1e9:
            out.write(body.replace(b"\n2023-", f"\n{year}-".encode()).replace(b"2023-", f"{year}-".encode(), 1))
            year += 1
    print(f"{big.stat().st_size / 1e9:.2f} GB, years 1990 to {year - 1}", flush=True)
    try:
        process = start(options, "all in", file=big)
        last = 0.0
        while process.poll() is None:
            time.sleep(1)
            read, held = watch(process.pid)
            if read >= last + 0.5:  # the hash reads the file once, then the parts are read
                print(f"read {read:5.1f} GB, held at most {held:.3f} GB", flush=True)
                last = read
        print(json.loads(process.communicate()[0]))
    finally:
        process.kill()
        big.unlink()


def watch(pid: int) -> tuple[float, float]:
    """GB read and GB held at most by a process of Linux; nothing once it has gone."""
    try:
        io, status = (Path(f"/proc/{pid}/{file}").read_text().split() for file in ("io", "status"))
        read, held = int(io[io.index("rchar:") + 1]), int(status[status.index("VmHWM:") + 1])
    except (OSError, ValueError):
        return 0.0, 0.0
    return read / 1e9, held / 1e6


def run(options, name: str, **how) -> dict[str, float]:
    out, _ = (process := start(options, name, **how)).communicate()
    if process.returncode:
        raise SystemExit(f"{name} failed")
    return json.loads(out)


def start(options, name: str, *, workers: int = 1, copy: int = 0, cpu: int = -1, file: Path | None = None):
    scratch = options.scratch / f"copy{copy}"
    scratch.mkdir(exist_ok=True)
    command = [sys.executable, __file__, "side", name, "--scratch", str(scratch), "--workers", str(workers)]
    environment = {**os.environ, "BENCH_FILE": str(file or options.scratch / f"counts_{options.days}.csv")}
    return subprocess.Popen([*command, "--cpu", str(cpu)], stdout=subprocess.PIPE, text=True, env=environment)


def side(options) -> None:
    if options.cpu >= 0:
        os.sched_setaffinity(0, {options.cpu})
    print(json.dumps({"pyarrow": pyarrow, "bare": bare, "all in": all_in}[options.side](options)))


def timed(work) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "peak_rss_gb": round(held, 3)}


def pyarrow(options):
    import pyarrow as pa
    from pyarrow import csv

    pa.set_cpu_count(1)
    file = os.environ["BENCH_FILE"]
    with open(file, encoding="utf-8") as opened:  # noqa: PTH123
        names = opened.readline().strip().split(",")
    types = csv.ConvertOptions(column_types={n: pa.float32() for n in names[1:]})

    def work():
        with csv.open_csv(file, csv.ReadOptions(use_threads=False, block_size=16 << 20), None, types) as reader:
            for _ in reader:
                pass

    return timed(work)


def bare(options):
    from lcr_hpc.spine.ingest.wide import cut, read_part
    from lcr_hpc.spine.ingest.wide_cells import Rejected
    from lcr_hpc.spine.ingest.wide_lines import read_header
    from lcr_hpc.store.shards import open_series
    from lcr_hpc.store.slabs import create_store

    file = Path(os.environ["BENCH_FILE"])
    header = read_header(file)
    place = {n: i for i, n in enumerate(header.sites)}
    path = options.scratch / "bare.zarr"
    shutil.rmtree(path, ignore_errors=True)
    create_store(path, "counts", {"time": 24 * 366 * 3, "detector": SITES}, only=["flow_veh_h"])
    series, first = open_series(path, "counts", "flow_veh_h"), (dt.date(2023, 1, 1) - dt.date(1970, 1, 1)).days

    def work():
        table, today = np.full((24, SITES), np.nan, np.float32), first
        for part in cut(file, header, "UTC"):
            for rows in read_part(part, header, place, "UTC", Rejected()):
                for k, d in enumerate((rows.hour // 24).tolist()):
                    if d != today:
                        series.write(today - first, table)
                        table, today = np.full((24, SITES), np.nan, np.float32), d
                    table[rows.hour[k] % 24] = rows.value[k]
        series.write(today - first, table)

    warm(options)
    return timed(work)


def all_in(options):
    from lcr_hpc.compute.backends import open_backend

    warm(options)
    root = options.scratch / "root"
    shutil.rmtree(root, ignore_errors=True)
    layout = make_root(root, [f"D{i:06d}" for i in range(SITES)])
    (layout.incoming / "counts" / "counts_all.csv").symlink_to(os.environ["BENCH_FILE"])
    kind = "dask" if options.workers > 1 else "serial"
    with open_backend(kind, workers=options.workers, scratch=options.scratch / "dask") as backend:
        if options.workers == 1:
            return timed(lambda: ingest(layout, backend))
        backend.map(warm_worker, [options.scratch] * 8 * options.workers)
        seen = Watched(backend, options.workers)
        found = timed(lambda: ingest(layout, seen))
        return {**found, "critical": seen.critical(found["cpu"])}


def write_day(layout, day: dt.date, names) -> None:
    values = np.random.default_rng(day.toordinal()).integers(50, 500, (24, len(names))).astype(str)
    rows = [f"{day}T{h:02d}:00:00Z," + ",".join(v) for h, v in enumerate(values)]
    text = "time_utc," + ",".join(names) + "\n" + "\n".join(rows) + "\n"
    (layout.incoming / "counts" / f"counts_{day}.csv").write_text(text)


def make_root(root: Path, names):
    from lcr_hpc.spine.catalogue import Coverage, Entry, columns_of, write_entry
    from lcr_hpc.store.layout import Layout

    layout = Layout(root, dt.date(2023, 1, 1))
    folder = layout.incoming / "counts"
    folder.mkdir(parents=True)
    places = "".join(f"{n},{i},334500,390500\n" for i, n in enumerate(names))
    (folder / "detectors.csv").write_text("detector,link_id,easting,northing\n" + places)
    entry = Entry(
        identifier="counts", title="Benchmark", owner="o", licence="l", attribution="a", tier="open", purpose="p",
        nature="synthetic", rhythm="daily", coverage=Coverage(place="here", time_zone="UTC"),
        tables=columns_of("counts"),
    )  # fmt: skip
    write_entry(folder, entry)
    return layout


def ingest(layout, backend=None) -> None:
    from lcr_hpc.spine.ingest.counts import ingest_counts

    ingest_counts(layout, None, backend)()


def warm(options) -> None:
    warm_worker(options.scratch)


def warm_worker(scratch: Path) -> None:
    """Load what compiled before: the clock is about the work."""
    from lcr_hpc.compute.kernel_cache import use_kernel_cache

    use_kernel_cache()
    root = scratch / f"warm{os.getpid()}"
    shutil.rmtree(root, ignore_errors=True)
    layout = make_root(root, ["D1", "D2"])
    for day_of in (1, 2, 3):
        write_day(layout, dt.date(2023, 1, day_of), ["D1", "D2"])
    ingest(layout)
    shutil.rmtree(root)


def feed(scratch: Path, days: int) -> Path:
    """Hourly counts of 4,096 detectors: Poisson about a daily shape, 2 % blank, 0.5 % faults."""
    file = scratch / f"counts_{days}.csv"
    if file.is_file():
        return file
    random = np.random.default_rng(1)
    base = random.lognormal(6, 0.8, SITES)
    clock = np.arange(24)
    shape = 0.2 + np.exp(-0.5 * ((clock - 8) / 2) ** 2) + np.exp(-0.5 * ((clock - 17) / 2.5) ** 2)
    begin = dt.datetime(2023, 1, 1)
    with file.with_suffix(".made").open("w") as out:
        out.write("time_utc," + ",".join(f"D{i:06d}" for i in range(SITES)) + "\n")
        for hour in range(24 * days):
            cells = np.minimum(random.poisson(base * shape[hour % 24]), 11_000).astype(str)
            chance = random.random(SITES)
            cells[chance < 0.02], cells[chance > 0.995] = "", "-1"
            out.write(f"{begin + dt.timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}," + ",".join(cells.tolist()) + "\n")
    file.with_suffix(".made").rename(file)
    return file


if __name__ == "__main__":
    main()
