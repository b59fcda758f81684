"""Sum blocks of work on whatever ranks there are, and write what came out and who did it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import numpy as np

from lcr_hpc.compute.mpi import abort_on_error, open_communicator

N_BLOCKS = 5


def main(output: Path) -> None:
    communicator = open_communicator()
    with abort_on_error(communicator):
        mine, node = {}, {}
        for number in range(N_BLOCKS):
            if number % communicator.size == communicator.rank:
                mine[number] = np.sqrt(np.arange(1.0, 20_000.0) + number)
                node[number] = np.array([float(os.environ.get("SLURMD_NODENAME", "cn0").removeprefix("cn"))])
        total = np.zeros(19_999)
        for block in communicator.gather_blocks(mine, N_BLOCKS):
            total += block
        nodes = [int(number[0]) for number in communicator.gather_blocks(node, N_BLOCKS)]
        if communicator.rank == 0:
            digest = hashlib.sha256(total.tobytes()).hexdigest()
            told = {"digest": digest, "ranks": communicator.size, "nodes": nodes}
            output.write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
