"""What the rules need to know, in a word each; where things lie is said by `Layout` and `lcr_hpc.night.stages`."""

import os
import shlex
import sys
from pathlib import Path

from lcr_hpc.config import load_config
from lcr_hpc.night.needs import memory_mb, runtime_min
from lcr_hpc.night.stages import log_path, stage_outputs, stages_until
from lcr_hpc.store.base import PLACES, is_scenario
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import MODEL_STORES, SPINE_STORES

# The working directory is <root>/run; `lcr plan` points elsewhere, to change nothing there.
RUN_CONFIG = Path(config.get("lcr_config", "config.yaml")).resolve()
ROOT = Path(config.get("lcr_root", "..")).resolve()
CONFIG = load_config(RUN_CONFIG)
LAYOUT = Layout(ROOT, CONFIG.night, CONFIG.scenario)

# By the interpreter, so that PATH does not matter. A site may run its stages in a container.
LCR = os.environ.get("LCR_COMMAND") or shlex.join([sys.executable, "-m", "lcr_hpc.cli"])
FOR_NIGHT = shlex.join(["--config", str(RUN_CONFIG), "--root", str(ROOT)])


def manifest(name):
    """Manifest of a store: what rules read and write."""
    return str(LAYOUT.manifest(name))


def finished(stage):
    """What a stage without a store of its own writes last."""
    (path,) = stage_outputs(LAYOUT, stage)
    return str(path)


def everything_until(stage):
    """What a stage and all before it write last: Snakemake overlooks a missing file that is no target itself."""
    return [str(path) for s in stages_until(stage) for path in stage_outputs(LAYOUT, s)]


def logfile(stage):
    """Everything a stage prints."""
    return str(log_path(LAYOUT, stage))


def settings(*sections):
    """What decides a stage's content: a change runs it again. Never `compute`."""
    return {name: CONFIG.section(name) for name in sections}


def base_manifest():
    """Traffic of the base that a scenario begins from; nothing for the base itself."""
    return [str(LAYOUT.base.manifest("traffic"))] if is_scenario(CONFIG) else []


def scenario_stores():
    """Stores that a scenario's traffic reads beside those of the base."""
    return PLACES if is_scenario(CONFIG) else ()


def feed_files():
    """Files that take the place of the twin's feeds."""
    return [feed.path for feed in CONFIG.spine.feeds.values()]


def installations():
    """Store with the large installations, if there is a feed of them."""
    return [manifest("reference")] if "point_sources" in CONFIG.spine.feeds else []


def pathway_traffic():
    """Traffic of the scenario that the pathway goes towards; the carbon stage says it where it has not been run."""
    given = CONFIG.carbon.pathway
    if given.scenario is None or given.scenario == CONFIG.scenario:
        return []
    place = Layout(ROOT, given.scenario_night or CONFIG.night, given.scenario)
    return (
        [str(place.manifest("traffic"))] if place.manifest("traffic").exists() else []
    )


def memory(stage):
    """Memory that a stage asks for, by the night's size and the attempt; a profile's set-resources go before it."""
    return lambda wildcards, attempt: memory_mb(stage, CONFIG, attempt)


def minutes(stage):
    """Walltime that a stage asks for, likewise."""
    return lambda wildcards, attempt: runtime_min(stage, CONFIG, attempt)


def ranks(stage):
    """MPI ranks of a stage: 1 for all but traffic."""
    return CONFIG.compute.ranks if stage == "traffic" else 1


def launcher():
    """What starts the ranks; nothing for one. A cluster's profile sets its own."""
    if CONFIG.compute.ranks == 1:
        return ""
    beside = Path(sys.executable).with_name("mpiexec")
    return str(beside) if beside.exists() else "mpiexec"


def workers():
    """Cores that a stage of Dask workers takes."""
    return CONFIG.compute.workers if CONFIG.compute.backend == "dask" else 1
