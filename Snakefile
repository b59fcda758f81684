"""A night of lcr-hpc: `lcr run` calls this twice, first for the spine, then for the rest.

By hand: snakemake --directory RUNS/NAME/run --cores 2 (after one `lcr run`, which leaves its config there).
"""


include: "workflows/common.smk"


rule night:
    """Everything, up to the release."""
    default_target: True
    input:
        finished("publish"),


rule spine:
    """The day's feeds in the stores."""
    input:
        [manifest(name) for name in SPINE_STORES],


include: "workflows/spine.smk"
include: "workflows/traffic.smk"
include: "workflows/carbon.smk"
include: "workflows/health.smk"
include: "workflows/publish.smk"
