"""lcr-hpc: nightly traffic, carbon and health-inequality models of Liverpool City Region.

`open_product("traffic@latest")` opens what a night has left; everything else is under the packages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lcr_hpc.publish.open import open_product

__all__ = ["open_product"]


def __getattr__(name: str) -> Any:
    """Import `open_product` when it is asked for: xarray alone takes a second, and `lcr --help` does not need it."""
    if name == "open_product":
        from lcr_hpc.publish.open import open_product

        return open_product
    raise AttributeError(f"module 'lcr_hpc' has no attribute {name!r}")
