"""Emissions of each link and hour, and concentrations where people live."""


rule carbon:
    """Emissions on links and on the grid; concentrations at population points."""
    input:
        network=manifest("network"),
        areas=manifest("areas"),
        weather=manifest("weather"),
        air=manifest("air"),
        traffic=manifest("traffic"),
    output:
        manifest("carbon"),
    log:
        logfile("carbon"),
    benchmark:
        timing("carbon")
    threads: workers()
    resources:
        mem_mb=4000,
        runtime="2h",
    params:
        settings=settings("carbon"),
    shell:
        "{LCR} carbon {FOR_NIGHT} > {log} 2>&1"
