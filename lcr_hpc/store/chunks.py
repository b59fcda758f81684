"""A Zarr group whose unreadable chunks are one message: Zarr tells of them in the words of its codecs, and late."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
import zarr
from xarray.backends.zarr import ZarrArrayWrapper, ZarrStore
from xarray.core.indexing import LazilyIndexedArray

from lcr_hpc.errors import StoreError

BROKEN = (RuntimeError, SystemError, ValueError)
"""What checksums and codecs raise about bytes that are not theirs"""


def open_group(path: Path) -> xr.Dataset:
    """Open a Zarr group lazily.

    Parameters
    ----------
    path : Path
        Folder of the Zarr store.

    Returns
    -------
    xarray.Dataset
        Reading a chunk that is cut off or damaged is a `StoreError` that names the store and the variable.
    """
    # Never `chunks={}`: stages read whole slabs, and Dask arrays would only stand between.
    return xr.open_dataset(_Group.open_group(str(path), mode="r", consolidated=False), chunks=None)


def read_text(path: Path, name: str) -> npt.NDArray[Any]:
    """Read one variable of text of a group, whole, as Python strings: 3 ms, where opening the group takes 20."""
    return np.asarray(zarr.open_array(path / name, mode="r")[:]).astype(object)


class _Group(ZarrStore):
    def open_store_variable(self, name: str) -> xr.Variable:
        found: xr.Variable = super().open_store_variable(name)  # type: ignore[no-untyped-call]
        return xr.Variable(found.dims, LazilyIndexedArray(_Chunks(self.members[name])), found.attrs, found.encoding)  # type: ignore[no-untyped-call]


class _Chunks(ZarrArrayWrapper):
    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)  # type: ignore[no-untyped-call]
        except BROKEN as error:
            array = self.get_array()  # type: ignore[no-untyped-call]
            store = Path(str(array.store_path.store).removeprefix("file://"))
            raise StoreError(
                f"{store}: `{array.basename}` has a chunk that cannot be read ({error}); remove the store and run its "
                "stage again"
            ) from error
