"""The spine's door: land the feeds, then read them into the stores."""

from __future__ import annotations

import json
from pathlib import Path

from lcr_hpc.config import Config
from lcr_hpc.errors import InputError
from lcr_hpc.spine.feeds import write_feeds
from lcr_hpc.spine.ingest.observations import ingest_air, ingest_counts, ingest_energy, ingest_weather
from lcr_hpc.spine.ingest.places import ingest_areas, ingest_demand, ingest_mortality, ingest_network, ingest_services
from lcr_hpc.spine.problems import Problems
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import fingerprint_file, write_text

LANDED = "feeds.json"


def run_twin(config: Config, layout: Layout) -> None:
    """Land the night's feeds under `<root>/spine/incoming`; the list of what landed is written last.

    Raises
    ------
    InputError
        Everything that is wrong with a real feed; nothing is changed then.
    """
    (layout.incoming / LANDED).unlink(missing_ok=True)
    write_feeds(layout.incoming, config)
    files = sorted(f for f in layout.incoming.glob("*/*") if f.is_file())
    prints = {str(f.relative_to(layout.incoming)): fingerprint_file(f) for f in files}
    write_text(layout.incoming / LANDED, json.dumps(prints, indent=1, sort_keys=True) + "\n")


def write_twin(out: Path, config: Config) -> None:
    """Write the feeds of the twin alone into a folder: what `lcr twin` does; see `write_feeds`."""
    write_feeds(out, config)


def run_ingest(config: Config, layout: Layout) -> None:
    """Read `<root>/spine/incoming` into the nine stores of the spine.

    The same files change nothing; another day touches its own shards alone; a corrected file replaces its day.

    Raises
    ------
    InputError
        Everything that is wrong with the reference tables. Bad rows of daily feeds go to quarantine instead.
    """
    if not layout.incoming.is_dir():
        raise InputError(f"no folder {layout.incoming}; land feeds there with `lcr spine feeds`")
    # Reference tables are read before anything is written, so that a bad one changes nothing.
    problems = Problems()
    writers = []
    areas = None
    with problems.collecting():
        areas, write_areas = ingest_areas(layout)
        writers.append(write_areas)
    if areas is not None:
        for read in (ingest_mortality, ingest_network, ingest_demand, ingest_services):
            with problems.collecting():
                writers.append(read(layout, areas))
        for observe in (ingest_counts, ingest_air, ingest_weather, ingest_energy):
            with problems.collecting():
                writers.append(observe(layout, areas))
    problems.raise_if_any("the feeds cannot be stored")
    for write in writers:
        write()
