"""Feeds, then the spine's stores."""


rule feeds:
    """Land the day's feeds: real files where the config names them, the twin's for the rest."""
    input:
        feed_files(),
    output:
        finished("feeds"),
    log:
        logfile("feeds"),
    resources:
        mem_mb=memory("feeds"),
        runtime=minutes("feeds"),
    params:
        night=str(CONFIG.night),
        settings=settings("spine", "twin"),
    shell:
        "{LCR} spine feeds {FOR_NIGHT} > {log} 2>&1"


rule ingest:
    """Read, check and store the feeds."""
    input:
        finished("feeds"),
    output:
        [manifest(name) for name in SPINE_STORES],
    log:
        logfile("ingest"),
    resources:
        mem_mb=memory("ingest"),
        runtime=minutes("ingest"),
    params:
        night=str(CONFIG.night),
        settings=settings("spine", "twin"),
    shell:
        "{LCR} spine ingest {FOR_NIGHT} > {log} 2>&1"
