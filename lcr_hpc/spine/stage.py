"""The spine's door: land the feeds, then read them into the stores."""

from __future__ import annotations

from pathlib import Path

from lcr_hpc.compute.backends import Backend
from lcr_hpc.config import Config
from lcr_hpc.errors import InputError
from lcr_hpc.spine.archives import refuse_links
from lcr_hpc.spine.closed import close_incoming, keep_private
from lcr_hpc.spine.feeds import write_feeds
from lcr_hpc.spine.ingest.air import ingest_air
from lcr_hpc.spine.ingest.areas import ingest_areas
from lcr_hpc.spine.ingest.bus import ingest_bus
from lcr_hpc.spine.ingest.counts import ingest_counts
from lcr_hpc.spine.ingest.demand import ingest_demand
from lcr_hpc.spine.ingest.energy import ingest_energy
from lcr_hpc.spine.ingest.mortality import ingest_mortality
from lcr_hpc.spine.ingest.network import ingest_network
from lcr_hpc.spine.ingest.people import ingest_people
from lcr_hpc.spine.ingest.reference import ingest_reference
from lcr_hpc.spine.ingest.services import ingest_services
from lcr_hpc.spine.ingest.weather import ingest_weather
from lcr_hpc.spine.problems import Problems
from lcr_hpc.store.layout import Layout

READERS = (
    ingest_mortality,
    ingest_services,
    ingest_air,
    ingest_weather,
    ingest_energy,
    ingest_reference,
    ingest_people,
)
"""Feeds that refer to areas and MSOAs alone; the counts too, which are read on a backend"""
ON_NETWORK = (ingest_demand, ingest_bus)
"""Feeds that refer to the network; they are read even where it could not be, so that all is told at once"""


def run_twin(config: Config, layout: Layout) -> None:
    """Land the night's feeds under `<root>/spine/incoming`; the list of what landed is written last.

    Raises
    ------
    InputError
        Everything that is wrong with a real feed; nothing is changed then.
    """
    write_feeds(layout.incoming, config)


def write_twin(out: Path, config: Config) -> None:
    """Write the feeds of the twin alone into a folder: what `lcr twin` does; see `write_feeds`."""
    write_feeds(out, config)


def run_ingest(config: Config, layout: Layout, backend: Backend | None = None) -> None:
    """Read `<root>/spine/incoming` into the stores of the spine.

    The same files change nothing and are not parsed again; another day touches its own shards alone; a corrected
    file replaces its days. Large feeds are read on the backend, by default in this process.

    Raises
    ------
    InputError
        Everything that is wrong with the reference tables. Bad rows of daily feeds go to quarantine instead.
    """
    if not layout.incoming.is_dir():
        raise InputError(f"no folder {layout.incoming}; land feeds there with `lcr spine feeds`")
    refuse_links(layout.incoming)
    closed = close_incoming(layout)
    # Reference tables are read before anything is written, so that a bad one changes nothing.
    problems = Problems()
    writers = []
    areas = None
    with problems.collecting():
        areas, write_areas = ingest_areas(layout)
        writers.append(write_areas)
    network = None
    if areas is not None:
        with problems.collecting():
            network, write_network = ingest_network(layout, areas)
            writers.append(write_network)
        for read in READERS:
            with problems.collecting():
                writers.append(read(layout, areas))
        with problems.collecting():
            writers.append(ingest_counts(layout, areas, backend))
    for read_on in ON_NETWORK:
        with problems.collecting():
            if write := read_on(layout, network):
                writers.append(write)
    problems = Problems(keep_private(layout, closed, problems.found))
    problems.raise_if_any("the feeds cannot be stored")
    for write in writers:
        write()
