"""The quick ones of the faults; `python -m tests.faults` does all of them and prints the table of docs/faults.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.faults import FAULTS
from tests.faults.stand import Stand
from tests.nights import Night

from .conftest import DevCluster

pytestmark = [pytest.mark.slurm, pytest.mark.chain]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("wrong-pairing", "refused; yesterday kept, exit code 1"),
        ("killed-rank", "same fingerprints"),
        ("lost-node-dask", "same fingerprints"),
    ],
)
def test_a_fault_ends_as_it_must(cluster: DevCluster, undisturbed: Night, tmp_path: Path, name: str, end: str):
    with Stand(tmp_path, cluster, undisturbed).scene(FAULTS[name].first) as scene:
        assert FAULTS[name].do(scene) == end
