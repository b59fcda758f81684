"""A program of one or more ranks for test_mpi.py: what it does is its first argument."""

from __future__ import annotations

import hashlib
import sys

import numpy as np

from lcr_hpc.compute.mpi import abort_on_error, open_communicator
from lcr_hpc.errors import InputError, LcrError

N_BLOCKS = 7


def block(number: int) -> np.ndarray:
    """A block of irrational numbers, of its own shape, so that any other order of a sum shows in the last bits."""
    return np.sqrt(np.arange(2.0, 2.0 + 1000 * (number % 3) + number).reshape(-1, 1) + 7.0 * number)


def main(task: str) -> None:
    try:
        communicator = open_communicator()
    except LcrError as error:
        print(f"refused: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    rank, size = communicator.rank, communicator.size
    with abort_on_error(communicator):
        if task == "gather":
            mine = {number: block(number) for number in range(N_BLOCKS) if number % size == rank}
            blocks = communicator.gather_blocks(mine, N_BLOCKS)
            total = sum(float(part.sum()) for part in blocks)
            digest = hashlib.sha256(b"".join(part.tobytes() for part in blocks)).hexdigest()
            told = communicator.broadcast(f"from rank {rank}")
            # One write a rank: two ranks that print at once can share a line.
            sys.stdout.write(f"{rank}/{size} {digest} {total.hex()} {[p.shape[0] for p in blocks]} {told}\n")
        elif task == "sum":
            # 2⁵³ + 1 is no float64; in integers nothing is lost, whoever adds first.
            total = communicator.sum_integers(np.array([[2**53, rank], [1, 1]]))
            sys.stdout.write(f"{total.tolist()}\n".replace(" ", ""))
        elif task == "sum of floats":
            communicator.sum_integers(np.ones(3))
        elif task == "empty":
            # Rank 0 alone has work: the others give nothing and get all.
            mine = {number: block(number) for number in range(N_BLOCKS)} if rank == 0 else {}
            blocks = communicator.gather_blocks(mine, N_BLOCKS)
            sys.stdout.write(f"{all(np.array_equal(part, block(n)) for n, part in enumerate(blocks))}\n")
        elif task == "one fails":
            if rank == 1:
                raise InputError("links.csv: no column 'capacity'")
            communicator.barrier()
        elif task == "all fail":
            raise InputError("links.csv: no column 'capacity'")
        elif task == "bug":
            if rank == size - 1:
                _ = [][rank]
            communicator.barrier()
        elif task == "held twice":
            communicator.gather_blocks({0: block(1)}, 2)
        elif task == "single precision":
            communicator.gather_blocks({rank: np.zeros(3, dtype=np.float32)}, size)
        elif task == "abort":
            if rank == 1:
                communicator.abort("the disk is full")
            communicator.barrier()
        elif task == "exit":
            if rank == 1:
                sys.exit(5)
            communicator.barrier()
        else:
            raise AssertionError(task)


if __name__ == "__main__":
    main(sys.argv[1])
