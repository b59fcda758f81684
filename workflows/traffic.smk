"""Demand on the road network: link flows and times."""


rule traffic:
    """Assign each period's demand to the road network: link flows and times."""
    input:
        network=manifest("network"),
        demand=manifest("demand"),
        counts=manifest("counts"),
        # A scenario begins from the base of its night, and runs again when that one changed.
        base=base_manifest(),
        places=[manifest(name) for name in scenario_stores()],
    output:
        manifest("traffic"),
    log:
        logfile("traffic"),
    threads: CONFIG.compute.threads
    resources:
        mpi=launcher(),
        tasks=ranks("traffic"),
        mem_mb_per_cpu=memory("traffic"),
        runtime=minutes("traffic"),
    params:
        settings=settings("traffic"),
    shell:
        # The same words for any number of ranks: a text that changed with them would run traffic again.
        "launcher={resources.mpi:q}; "
        "${{launcher:+$launcher -n {resources.tasks}}} {LCR} traffic {FOR_NIGHT} > {log} 2>&1"
