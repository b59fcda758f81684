"""Emissions of each link and hour, and concentrations where people live."""


rule carbon:
    """Emissions on links and on the grid; concentrations at population points."""
    input:
        network=manifest("network"),
        areas=manifest("areas"),
        weather=manifest("weather"),
        air=manifest("air"),
        traffic=manifest("traffic"),
        installations=installations(),
        scenario=pathway_traffic(),
    output:
        manifest("carbon"),
    log:
        logfile("carbon"),
    threads: workers()
    resources:
        mpi="",
        tasks=1,
        mem_mb=memory("carbon"),
        runtime=minutes("carbon"),
    params:
        settings=settings("carbon"),
    shell:
        # A cluster's profile may start several tasks by srun: Dask's scheduler, the stage, and workers.
        "launcher={resources.mpi:q}; "
        "${{launcher:+$launcher -n {resources.tasks}}} {LCR} carbon {FOR_NIGHT} > {log} 2>&1"
