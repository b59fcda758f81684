"""Compiler flags, in one place, with their reasons.

`kernel` is lazy: nothing compiles at import (twelve small eager gufuncs cost 2.9 s at every import, lazy
functions none). The cache lies where NUMBA_CACHE_DIR points, else beside the source.

No fastmath by default: NaN means "no observation" in every store, so flags that assume there is no NaN or
infinity (nnan, ninf) are never used. `contract` fuses a multiply with an add; it is the same for every
thread count and so keeps the bytes equal on one CPU type.
"""

import numba

kernel = numba.njit(cache=True, nogil=True, error_model="numpy")
"""A serial kernel."""

fused_kernel = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
"""A serial kernel dominated by multiply-adds."""

summing_kernel = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
"""A serial kernel of long sums over one array, added up in as many parts as a vector has lanes. Their order is fixed
when it is compiled, so that bytes are the same for one CPU type; NaN and infinity keep their meaning."""

parallel_kernel = numba.njit(cache=True, nogil=True, error_model="numpy", parallel=True)
"""A kernel with `prange` over blocks whose sums are reduced afterwards in block order."""
