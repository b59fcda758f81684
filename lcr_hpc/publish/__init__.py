"""What leaves the house: gate → products → report → verify → release.

run_publish(config, layout) -> Path                # lcr_hpc.publish.stage
verify_snapshot(path) -> list[str]                 # lcr_hpc.publish.verify
open_product("traffic@latest", root=None)          # lcr_hpc.publish.open
"""
