"""The one place that knows paths, and what the rules say in a word."""

import os
import shlex
import sys
from pathlib import Path

from lcr_hpc.config import load_config
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import MODEL_STORES, SPINE_STORES

# The working directory is <root>/run; `lcr plan` points elsewhere, so that it changes nothing there.
RUN_CONFIG = Path(config.get("lcr_config", "config.yaml")).resolve()
ROOT = Path(config.get("lcr_root", "..")).resolve()
CONFIG = load_config(RUN_CONFIG)
LAYOUT = Layout(ROOT, CONFIG.night, CONFIG.scenario)

# By the interpreter, so that PATH does not matter; LCR_COMMAND for a site that runs stages in a container.
LCR = os.environ.get("LCR_COMMAND") or shlex.join([sys.executable, "-m", "lcr_hpc.cli"])
FOR_NIGHT = shlex.join(["--config", str(RUN_CONFIG), "--root", str(ROOT)])


def manifest(name):
    """Manifest of a store: what rules read and write."""
    return str(LAYOUT.manifest(name))


def store(name):
    """Zarr store of a spine dataset or of a model."""
    return str(LAYOUT.store(name))


def finished(name):
    """What a stage without a store writes last."""
    return str((LAYOUT.incoming if name == "feeds" else LAYOUT.night_dir) / f"{name}.json")


def logfile(stage):
    """Everything a stage prints."""
    return str(LAYOUT.run_dir / "logs" / str(LAYOUT.night) / LAYOUT.scenario / f"{stage}.log")


def timing(stage):
    """How long a stage took, and its memory: what the time left is told from."""
    return str(LAYOUT.run_dir / "timings" / str(LAYOUT.night) / LAYOUT.scenario / f"{stage}.tsv")


def settings(*sections):
    """The sections that decide a stage's content: a change in them runs it again. Never `compute`."""
    return {name: CONFIG.section(name) for name in sections}


def feed_files():
    """Files that take the place of the twin's feeds."""
    return [feed.path for feed in CONFIG.spine.feeds.values()]


def ranks(stage):
    """MPI ranks of a stage: 1 for all but traffic."""
    return CONFIG.compute.ranks if stage == "traffic" else 1


def launcher():
    """What starts the ranks, or nothing for a single process; a cluster's profile sets its own."""
    beside = Path(sys.executable).with_name("mpiexec")
    return (str(beside) if beside.exists() else "mpiexec") if CONFIG.compute.ranks > 1 else ""


def workers():
    """Cores that a stage of Dask workers takes."""
    return CONFIG.compute.workers if CONFIG.compute.backend == "dask" else 1
