"""Rows kept, flagged and refused of every real file and of a sample of every format, as docs/feeds.md prints them.

`python -m tests.feeds_table DATA` reads the real files under DATA (those that are there) and writes the samples anew.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lcr_hpc.spine.check import check_file
from lcr_hpc.spine.readers.result import Reading
from lcr_hpc.traffic.readings import READERS
from tests.fuzz.samples import SAMPLES
from tests.lcr_hpc.spine.readers.test_real_feeds import REAL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    print(*_table(_real(data)), sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        print("", *_table(_samples(Path(folder))), sep="\n")


def _real(data: Path) -> Iterator[Reading]:
    census = ("leeds_od/si_od_census.csv", "od_csv", {"zones": str(data / "leeds_od" / "si_zones.gpkg")})
    for file, form, options, *_ in (*REAL, census):
        if (data / file).is_file():
            yield check_file(data / file, form, options, READERS)


def _samples(folder: Path) -> Iterator[Reading]:
    for form, file, options, write in SAMPLES.values():
        write(folder / file)
        yield check_file(folder / file, form, options, READERS)


def _table(readings: Iterator[Reading]) -> Iterator[str]:
    yield "| file | format | rows | kept | flagged | refused |"
    yield "|---|---|---|---|---|---|"
    for reading in readings:
        flags = ", ".join(f"{n:,} {word.replace('_', ' ')}" for word, n in reading.flags.items()) or "0"
        reasons = "; ".join(dict.fromkeys(reading.rejected["reason"]))
        refused = f"{len(reading.rejected):,}" + (f": {reasons}" if reasons else "")
        yield f"| {reading.path.name} | {reading.format} | {reading.rows:,} | {reading.kept:,} | {flags} | {refused} |"


if __name__ == "__main__":
    main()
