"""The one place that imports mpi4py: a communicator of ranks that refuses to be N programs running alone."""

from __future__ import annotations

import math
import os
import shutil
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np

from lcr_hpc.compute.communicator import Communicator, FloatArray, LongArray, SerialCommunicator
from lcr_hpc.compute.launch import Launch, detect_launch
from lcr_hpc.errors import LaunchError, LcrError, raise_all

T = TypeVar("T")


def open_communicator() -> Communicator:
    """Join the ranks that a launcher started; serial when there is none or only one.

    Returns
    -------
    Communicator
        Of as many ranks as the launcher counted.

    Raises
    ------
    LaunchError
        When the MPI library sees another number of ranks than the launcher started. A wrong pairing of the two
        otherwise runs every rank alone, each doing all of the work and writing the same files, with exit code 0.
    """
    launch = detect_launch()
    if launch is None or launch.ranks == 1:
        return SerialCommunicator()
    world = _world(launch)
    size = world.Get_size()
    if size != launch.ranks:
        _let_rank_zero_speak(launch.rank)
        raise LaunchError(
            f"MPI: the launcher started {launch.ranks} ranks ({launch.source}={launch.ranks}), but the MPI library "
            f"({mpi_library()}) sees {size}: they do not belong together, and each rank would run alone. "
            f"{_advice(launch)}"
        )
    return MpiCommunicator(world)


@contextmanager
def abort_on_error(communicator: Communicator) -> Iterator[None]:
    """End all ranks when one fails, with its message and its exit code; without it the others wait for ever.

    Parameters
    ----------
    communicator : Communicator
        With one rank the error passes through unchanged.

    Notes
    -----
    A `LcrError` is told in one line that names the rank, anything else with its traceback. A wrong input fails
    on every rank alike: then rank 0 speaks, and ends the others before they do.
    """
    try:
        yield
    except BaseException as error:
        code = _exit_code(error)
        if not isinstance(communicator, MpiCommunicator) or code == 0:
            raise
        _let_rank_zero_speak(communicator.rank)
        communicator.abort(_tell(error, code), code)


class MpiCommunicator:
    """The ranks of an MPI world behind the project's own protocol.

    Parameters
    ----------
    world : mpi4py.MPI.Comm
        Usually COMM_WORLD, from `open_communicator`.
    """

    def __init__(self, world: Any) -> None:
        self._world = world
        self._rank = int(world.Get_rank())
        self._size = int(world.Get_size())

    @property
    def rank(self) -> int:
        """Number of this rank, from 0."""
        return self._rank

    @property
    def size(self) -> int:
        """Number of ranks."""
        return self._size

    def gather_blocks(self, mine: Mapping[int, FloatArray], n_blocks: int) -> list[FloatArray]:
        """Give every rank the blocks of all ranks, in block order.

        Parameters
        ----------
        mine : mapping of int to float64 array
            This rank's blocks by number, of any shape; may be empty.
        n_blocks : int
            Number of blocks of the whole problem, the same on every rank.

        Returns
        -------
        list of float64 array
            n_blocks arrays, the same bytes on every rank whatever rank held which, so that a sum over the list
            does not depend on the number of ranks. They are views of one buffer that nobody else holds.

        Raises
        ------
        LaunchError
            When a block is missing or held by more than one rank (on every rank), or is not float64.
        """
        own = [(number, _float64(number, mine[number])) for number in sorted(mine)]
        listed: list[list[tuple[int, tuple[int, ...]]]] = self._world.allgather([(n, b.shape) for n, b in own])
        _check_ownership([[number for number, _ in rank] for rank in listed], n_blocks)

        sizes = [[math.prod(shape) for _, shape in rank] for rank in listed]
        counts = [sum(rank) for rank in sizes]
        everything = np.empty(sum(counts), dtype=np.float64)
        at = sum(counts[: self._rank])
        for _, block in own:
            everything[at : at + block.size] = block.ravel()
            at += block.size
        displacements = [0, *accumulate(counts)][:-1]
        mpi = _mpi()
        self._world.Allgatherv(mpi.IN_PLACE, [everything, counts, displacements, mpi.DOUBLE])

        ends = accumulate(chain.from_iterable(sizes))
        blocks = {
            number: everything[end - math.prod(shape) : end].reshape(shape)
            for (number, shape), end in zip(chain.from_iterable(listed), ends, strict=True)
        }
        return [blocks[number] for number in range(n_blocks)]

    def sum_integers(self, mine: LongArray) -> LongArray:
        """Give every rank the sum of the ranks' arrays, int64 of one shape.

        Integers add up to the same in any order, so MPI may choose it; a rank sends one array, not every block.
        """
        if mine.dtype != np.int64:
            raise LaunchError(f"an array of {mine.dtype} is to be summed, wanted int64: floats depend on the order")
        total, mpi = np.empty(mine.shape, np.int64), _mpi()
        self._world.Allreduce([np.ascontiguousarray(mine), mpi.INT64_T], [total, mpi.INT64_T], op=mpi.SUM)
        return total

    def broadcast(self, value: T) -> T:
        """Give every rank what rank 0 holds; any picklable object."""
        received: T = self._world.bcast(value, root=0)
        return received

    def barrier(self) -> None:
        """Wait for every rank."""
        self._world.Barrier()

    def abort(self, message: str, exit_code: int = LaunchError.exit_code) -> NoReturn:
        """Stop every rank with one message, headed by this rank's number and host."""
        sys.stdout.flush()
        sys.stderr.write(f"rank {self._rank} of {self._size} on {socket.gethostname()}: {message}\n")
        sys.stderr.flush()
        # mpiexec may drop what a rank wrote just before it aborts: seen once in some thirty runs.
        time.sleep(0.3)
        self._world.Abort(exit_code)
        raise SystemExit(exit_code)


def mpi_library() -> str:
    """Name and version of the MPI library that mpi4py has loaded, in one line."""
    return " ".join(_mpi().Get_library_version().split()[:3]).rstrip("\0,")


def _shorten_addresses() -> None:
    """Keep what ranks tell each other at the start within the 1,024 bytes that Slurm's pmi2 takes a line.

    The MPICH wheel (5.0.2) exchanges UCX addresses with whatever lay in memory behind them, packed, so that their
    length depends on what the program did before: two ranks under Slurm 22.05 that had imported NumPy started in
    3 of 16 tries, the others failed with "value not properly terminated in client request" or hung. OFI's
    addresses are short: 8 of 8. mpiexec's own exchange has no such limit, and a site's MPI is left alone.
    """
    if "SLURM_STEP_ID" not in os.environ or "SLURM_EXTERNAL_LAUNCHER" in os.environ:
        return
    try:
        from_wheels = "manylinux" in (metadata.distribution("mpi4py").read_text("WHEEL") or "")
        metadata.distribution("mpich")
    except metadata.PackageNotFoundError:
        return
    if from_wheels:
        os.environ.setdefault("MPIR_CVAR_CH4_NETMOD", "ofi")


def _mpi() -> Any:
    _shorten_addresses()
    # MPICH tells of every abort at length, and mpi4py warns of a foreign launcher: ours names rank, cause and cure.
    os.environ.setdefault("MPIR_CVAR_SUPPRESS_ABORT_MESSAGE", "1")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "suspicious MPI execution environment", RuntimeWarning)
        from mpi4py import MPI
    return MPI


def _world(launch: Launch) -> Any:
    try:
        return _mpi().COMM_WORLD
    except (ImportError, RuntimeError) as error:
        _let_rank_zero_speak(launch.rank)
        raise LaunchError(
            f"MPI: the launcher started {launch.ranks} ranks ({launch.source}={launch.ranks}), but mpi4py finds no MPI "
            f"library ({error}). {_advice(launch)}"
        ) from error


def _advice(launch: Launch) -> str:
    own = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or "mpiexec of this Python environment"
    srun = "`srun --mpi=pmi2`" if launch.source.startswith(("SLURM", "PMI")) else "in Slurm `srun --mpi=pmi2`"
    return (
        f"With the MPICH of this environment start with {own}, or {srun}; with a site's MPI use its own launcher and "
        "build mpi4py against it: pip install --force-reinstall --no-cache-dir --no-binary mpi4py mpi4py"
    )


def _float64(number: int, block: FloatArray) -> FloatArray:
    if block.dtype != np.float64:
        raise LaunchError(f"block {number} is {block.dtype}, wanted float64: convert it before it is gathered")
    return block


def _check_ownership(held: list[list[int]], n_blocks: int) -> None:
    owners: dict[int, list[int]] = {}
    for rank, numbers in enumerate(held):
        for number in numbers:
            owners.setdefault(number, []).append(rank)
    missing = [number for number in range(n_blocks) if number not in owners]
    problems = [f"block {number} is held by ranks {ranks}" for number, ranks in owners.items() if len(ranks) > 1]
    problems += [f"block {number} is not one of 0 to {n_blocks - 1}" for number in owners if not 0 <= number < n_blocks]
    if missing:
        problems.append(f"{len(missing)} of {n_blocks} blocks are held by no rank: {missing[:10]}")
    raise_all(problems, LaunchError)


def _tell(error: BaseException, code: int) -> str:
    if isinstance(error, LcrError):
        return str(error)
    if isinstance(error, SystemExit):
        return f"stopped with exit code {code}"
    return "".join(traceback.format_exception(error)).rstrip()


def _exit_code(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    code = getattr(error, "exit_code", 1)
    return code if isinstance(code, int) else 1


def _let_rank_zero_speak(rank: int) -> None:
    # Long enough for rank 0 to end this one when it fails with the same message; an error path, so never felt.
    if rank > 0:
        time.sleep(2.0)
