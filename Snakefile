"""A night of lcr-hpc: `lcr run` calls this twice, first for the spine, then for the rest.

By hand, once `lcr run` has left its config there: snakemake --directory RUNS/NAME/run --cores 2
"""


include: "workflows/common.smk"


rule night:
    """Everything, up to the release; a file that is missing on the way is made again."""
    default_target: True
    input:
        everything_until("publish"),


rule spine:
    """The day's feeds in the stores."""
    input:
        everything_until("ingest"),


include: "workflows/spine.smk"
include: "workflows/traffic.smk"
include: "workflows/carbon.smk"
include: "workflows/health.smk"
include: "workflows/publish.smk"
