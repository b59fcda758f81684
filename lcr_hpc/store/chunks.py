"""A Zarr group whose unreadable chunks are one message: Zarr tells of them in the words of its codecs, and late."""

from __future__ import annotations

from collections.abc import Iterable
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


def open_group(path: Path) -> Group:
    """Open a Zarr group: the names and dimensions of its arrays are read, none of their values.

    Parameters
    ----------
    path : Path
        Folder of the Zarr store.
    """
    group: Group = Group.open_group(str(path), mode="r", consolidated=False)
    return group


def read_text(path: Path, name: str) -> npt.NDArray[Any]:
    """Read one variable of text of a group, whole, as Python strings: 3 ms, where opening the group takes 20."""
    return np.asarray(zarr.open_array(path / name, mode="r")[:]).astype(object)


class Group(ZarrStore):
    """An open group; reading a chunk that is cut off or damaged is a `StoreError` that names store and variable."""

    __slots__ = ()

    @property
    def dims(self) -> dict[str, tuple[str, ...]]:
        """Dimensions of each array; () where it names none."""
        return {name: tuple(getattr(a.metadata, "dimension_names", None) or ()) for name, a in self.arrays()}

    def dataset(self, only: Iterable[str] | None = None) -> xr.Dataset:
        """Its arrays as variables, lazily.

        Parameters
        ----------
        only : iterable of str, optional
            Variables that are wanted, if they are there; coordinates along their dimensions come with them. Half of
            the 20 ms that opening a store of 35 variables takes go into indexes of dimensions that nobody asked for.
        """
        # Never `chunks={}`: stages read whole slabs, and Dask arrays would only stand between.
        if only is None:
            return xr.open_dataset(self, chunks=None)
        names, dims = set(only), self.dims
        along = {dim for name in names for dim in dims.get(name, ())}
        beside = {word for _, array in self.arrays() for word in str(array.attrs.get("coordinates", "")).split()}
        names |= along | {name for name in beside if along.issuperset(dims.get(name, (name,)))}
        self._members = {name: array for name, array in self._members.items() if name in names}
        # Also where the variable that calls them its coordinates is not among those that are wanted.
        return xr.open_dataset(self, chunks=None).set_coords(beside & self._members.keys())

    def open_store_variable(self, name: str) -> xr.Variable:
        """As xarray does, with chunks that say what is wrong with them."""
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
