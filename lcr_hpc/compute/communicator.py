"""What a model may ask of the ranks it runs on; models see this protocol and never mpi4py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.errors import LaunchError

FloatArray = NDArray[np.float64]
LongArray = NDArray[np.int64]
T = TypeVar("T")


@runtime_checkable
class Communicator(Protocol):
    """Ranks that exchange blocks of work in a fixed order.

    A problem is cut into blocks by its own settings, never by the number of ranks. Whoever sums the blocks
    does it in block order, so that the bytes of an answer do not depend on how many ranks gave it.
    """

    @property
    def rank(self) -> int:
        """Return this rank, 0 to size − 1."""
        ...

    @property
    def size(self) -> int:
        """Return the number of ranks."""
        ...

    def gather_blocks(self, mine: Mapping[int, FloatArray], n_blocks: int) -> list[FloatArray]:
        """Give every rank the arrays of all blocks, in block order; each block belongs to one rank."""
        ...

    def sum_integers(self, mine: LongArray) -> LongArray:
        """Give every rank the sum of the ranks' arrays; of integers, so that its order does not matter."""
        ...

    def broadcast(self, value: T) -> T:
        """Give every rank what rank 0 holds."""
        ...

    def barrier(self) -> None:
        """Wait for every rank."""
        ...

    def abort(self, message: str) -> NoReturn:
        """Stop every rank with one message."""
        ...


class SerialCommunicator:
    """One rank: what a model gets when nothing was launched in parallel."""

    rank = 0
    size = 1

    def gather_blocks(self, mine: Mapping[int, FloatArray], n_blocks: int) -> list[FloatArray]:
        """Return the blocks in block order; a missing or foreign block is an error of the caller."""
        if sorted(mine) != list(range(n_blocks)):
            raise LaunchError(f"one rank holds blocks {sorted(mine)}, wanted every block of 0..{n_blocks - 1}")
        return [mine[block] for block in range(n_blocks)]

    def sum_integers(self, mine: LongArray) -> LongArray:
        """Return the array itself."""
        return mine

    def broadcast(self, value: T) -> T:
        """Return the value itself."""
        return value

    def barrier(self) -> None:
        """Do nothing: there is no other rank to wait for."""

    def abort(self, message: str) -> NoReturn:
        """Raise what would have stopped every rank."""
        raise LaunchError(message)
