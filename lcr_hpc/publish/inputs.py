"""What a product may read: the variables that it declares, of stores that the gate has cleared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import xarray as xr

from lcr_hpc.errors import StoreError
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest
from lcr_hpc.store.slabs import open_store


class Inputs:
    """Stores of one night as one table sees them.

    Parameters
    ----------
    layout : Layout
        Where the stores lie.
    uses : mapping of str to tuple of str
        Variables that the table declares, by store. Nothing else is in the datasets, so that the gate's
        judgement of a table covers all it can hold.
    manifests : mapping of str to Manifest
        As the gate read them.
    """

    def __init__(self, layout: Layout, uses: Mapping[str, tuple[str, ...]], manifests: Mapping[str, Manifest]) -> None:
        self._layout, self._uses, self._manifests = layout, uses, manifests

    @property
    def night(self) -> dt.date:
        """Local civil day."""
        return self._layout.night

    def __getitem__(self, store: str) -> xr.Dataset:
        return open_store(self._layout.store(store), store, self._uses[store]).load()

    def lazy(self, store: str) -> xr.Dataset:
        """The declared variables without their values, for a table that needs some hours of many years."""
        return open_store(self._layout.store(store), store, self._uses[store])

    def has(self, store: str) -> bool:
        """Whether the table may read a store in this release."""
        return store in self._uses

    def promised(self, store: str) -> str:
        """First day that the catalogue promises of a store of observations; "" = none."""
        self._uses[store]
        source = self._manifests[store].sources.get(store)
        return source.first if source else ""

    def attribute(self, store: str, name: str) -> object:
        """Attribute of a store (vintage, n_ranked …); None = it has none of this name."""
        self._uses[store]
        return open_store(self._layout.store(store), store, []).attrs.get(name)

    def settings(self, store: str) -> Mapping[str, object]:
        """The config section that decided a model's store."""
        self._uses[store]
        section: Mapping[str, object] = self._manifests[store].settings.get(store, {})
        return section


def position(dataset: xr.Dataset, dim: str, name: str) -> int:
    """Index of a name along a dimension of names; a `StoreError` when it is not there."""
    names = [str(n) for n in dataset[dim].to_numpy()]
    if name not in names:
        raise StoreError(f"`{dim}` has no {name}, only {', '.join(names)}; run carbon and health again", field=dim)
    return names.index(name)
