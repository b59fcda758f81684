"""The release gate: no product leaves above the release's tier, and what cannot be judged stays in.

A product's tier is the strictest of all datasets behind it, at any depth. Disclosure control (`Table.control`) empties
small counts after this gate, and lowers no tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lcr_hpc.errors import ReleaseError, StoreError, raise_all
from lcr_hpc.publish.products import Table, released_tables
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest, Source, fingerprint_store, read_manifest
from lcr_hpc.store.variables import TIERS


@dataclass(frozen=True)
class Clearance:
    """What the gate let through.

    Attributes
    ----------
    tier : str
        Tier of the release.
    manifests : mapping of str to Manifest
        Every store at any depth behind the products.
    sources : mapping of str to Source
        Every dataset behind them.
    datasets : mapping of str to tuple of str
        Datasets behind each table, by the table's name.
    """

    tier: str
    manifests: Mapping[str, Manifest]
    sources: Mapping[str, Source]
    datasets: Mapping[str, tuple[str, ...]]

    def tier_of(self, table: str) -> str:
        """Strictest tier of the datasets behind a table."""
        return max((self.sources[d].tier for d in self.datasets[table]), key=TIERS.index)


def pass_gate(layout: Layout, tier: str, tables: Iterable[Table] | None = None) -> Clearance:
    """Judge every product before anything is written.

    Parameters
    ----------
    layout : Layout
        Where the stores and their manifests lie.
    tier : str
        Tier of the release.
    tables : iterable of Table, optional
        Products to release; by default all that apply to the night.

    Returns
    -------
    Clearance
        Lineage of all of them.

    Raises
    ------
    ReleaseError
        All refusals at once, each with the products and the chain of stores from the dataset to them: a dataset above
        the tier, a tier or a manifest that is not known, a store that is not what its manifest says.
    """
    tables = released_tables(layout, tier) if tables is None else tuple(tables)
    title = f"the gate refuses to release at tier `{tier}`"
    stores = sorted({store for table in tables for store in table.uses})
    manifests = _lineage(layout, stores, title)
    sources = {name: _sources(name, manifests) for name in manifests}
    problems = [*_unsound(layout, stores, manifests), *_misfits(stores, manifests), *_sourceless(stores, sources)]
    everything = {k: s for store in stores for k, s in sources[store].items()}
    for dataset, source in sorted(everything.items()):
        if reason := _refusal(source.tier, tier):
            # Each door at which the dataset reaches a product is a chain of its own.
            for store in (s for s in stores if dataset in sources[s]):
                files = ", ".join(f for t in tables if store in t.uses for f in t.files)
                chain = " → ".join([f"dataset `{dataset}` ({source.title})", *_chain(dataset, store, manifests)])
                problems.append(f"{files}: {chain} → {files.split(', ')[0]}: {reason}")
    raise_all(problems, ReleaseError, title=title)
    return Clearance(
        tier,
        manifests,
        everything,
        {t.name: tuple(sorted({d for s in t.uses for d in sources[s]})) for t in tables},
    )


def _lineage(layout: Layout, stores: Iterable[str], title: str) -> dict[str, Manifest]:
    """Read the manifests of some stores and of every store behind them."""
    found: dict[str, Manifest] = {}
    problems = []
    queue = list(stores)
    while queue:
        name = queue.pop(0)
        if name in found:
            continue
        try:
            found[name] = read_manifest(layout.manifest(name))
        except StoreError as error:
            problems.append(f"{name} cannot be judged: {error}")
            continue
        queue += found[name].inputs
    raise_all(dict.fromkeys(problems), ReleaseError, title=title)
    return dict(sorted(found.items()))


def _sources(store: str, manifests: Mapping[str, Manifest]) -> dict[str, Source]:
    """Datasets behind a store, each as it was declared most strictly along the way.

    An input that was ingested again may be declared anew, looser or stricter; the numbers here were made when the old
    declaration held, and are shown while the new one does.
    """
    found = dict(manifests[store].sources)
    for name in manifests[store].inputs:
        if name in manifests:
            for dataset, source in _sources(name, manifests).items():
                found[dataset] = max(source, found.get(dataset, source), key=_strictness)
    return found


def _strictness(source: Source) -> int:
    return TIERS.index(source.tier) if source.tier in TIERS else len(TIERS)


def _unsound(layout: Layout, stores: Iterable[str], manifests: Mapping[str, Manifest]) -> Iterable[str]:
    for name in stores:
        path = layout.store(name)
        if not path.is_dir():
            yield f"{name}: its manifest is there but {path} is not; run its stage again"
            continue
        held, said = fingerprint_store(path), manifests[name].variables
        if changed := sorted(v for v in held.keys() | said.keys() if held.get(v) != said.get(v)):
            yield (
                f"{name}: {', '.join(changed)} changed after its manifest was written; remove {path} and run its "
                "stage again"
            )


def _misfits(stores: Iterable[str], manifests: Mapping[str, Manifest]) -> Iterable[str]:
    """Stores that are shown together must have been made from each other as they are."""
    stores = list(stores)
    for name in stores:
        for other, fingerprint in manifests[name].inputs.items():
            if other in stores and fingerprint != manifests[other].fingerprint:
                yield (
                    f"{name} was made from {other} {fingerprint[:12]}…, which now is "
                    f"{manifests[other].fingerprint[:12]}…; run {name} again (`lcr run`)"
                )


def _sourceless(stores: Iterable[str], sources: Mapping[str, Mapping[str, Source]]) -> Iterable[str]:
    for name in stores:
        if not sources[name]:
            yield f"{name}: its manifest names no dataset, so its tier is not known; run the spine and its stage again"


def _refusal(of_dataset: str, of_release: str) -> str:
    if of_dataset not in TIERS:
        return (
            f"its tier `{of_dataset}` is none of {', '.join(TIERS)}; mend its catalogue entry and run the spine again"
        )
    if TIERS.index(of_dataset) > TIERS.index(of_release):
        way = "release with `publish.tier: shared`, or " if of_dataset == "shared" else ""
        return f"it is `{of_dataset}`; {way}put an open dataset in its place"
    return ""


def _chain(dataset: str, store: str, manifests: Mapping[str, Manifest]) -> list[str]:
    """Stores that a dataset went through, from where it entered to `store`."""
    for name in manifests[store].inputs:
        if name in manifests and dataset in _sources(name, manifests):
            return [*_chain(dataset, name, manifests), store]
    return [store]
