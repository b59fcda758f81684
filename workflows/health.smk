"""Burden, and how unequally it falls."""


rule health:
    """Attributable burden of the air, life expectancy, access, and their inequality by deprivation, in every draw."""
    input:
        areas=manifest("areas"),
        mortality=manifest("mortality"),
        people=manifest("people"),
        reference=manifest("reference"),
        services=manifest("services"),
        network=manifest("network"),
        demand=manifest("demand"),
        traffic=manifest("traffic"),
        carbon=manifest("carbon"),
    output:
        manifest("health"),
    log:
        logfile("health"),
    threads: workers()
    resources:
        mpi="",
        tasks=1,
        mem_mb=memory("health"),
        runtime=minutes("health"),
    params:
        settings=settings("health"),
    shell:
        # A cluster's profile may start several tasks by srun: Dask's scheduler, the stage, and workers.
        "launcher={resources.mpi:q}; "
        "${{launcher:+$launcher -n {resources.tasks}}} {LCR} health {FOR_NIGHT} > {log} 2>&1"
