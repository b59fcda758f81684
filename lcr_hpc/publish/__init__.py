"""What leaves the house: gate → products → report → verify → release.

run_publish(config, layout) -> Path                # lcr_hpc.publish.stage
verify_snapshot(path) -> list[str]                 # lcr_hpc.publish.verify
open_product("traffic@latest", root=None)          # lcr_hpc.publish.open
suppress(table, hierarchy, policy) -> table, audit # here
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lcr_hpc.publish.suppression import SuppressionAudit, SuppressionPolicy, suppress

__all__ = ["SuppressionAudit", "SuppressionPolicy", "suppress"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: SciPy's optimizers take half a second, and a stage needs none."""
    if name not in __all__:
        raise AttributeError(f"module 'lcr_hpc.publish' has no attribute {name!r}")
    from lcr_hpc.publish import suppression

    return getattr(suppression, name)
