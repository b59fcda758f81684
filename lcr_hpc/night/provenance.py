"""Where a night's results come from, as an RO-Crate: <root>/nights/<night>/<scenario>/provenance.

The crate is complete in itself: config, environment and every manifest are copied in, and stores are named by their
fingerprints. It follows RO-Crate 1.1 and its profile Process Run Crate 0.5, a CreateAction a stage. It tells times
and job numbers, so it is no part of what is fingerprinted and released.
"""

from __future__ import annotations

import datetime as dt
import json
import platform
import shutil
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from lcr_hpc.config import Config, project_dir
from lcr_hpc.night.history import Record, read_history
from lcr_hpc.night.request import CONFIG_FILE
from lcr_hpc.night.stages import STAGES, snapshot, stage_stores
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest, code_version, fingerprint_file, read_manifest, write_text
from lcr_hpc.store.variables import MODEL_STORES, SPINE_STORES

CRATE = "ro-crate-metadata.json"
_SOFTWARE = "#lcr-hpc"
Entity = dict[str, Any]


def crate_folder(layout: Layout) -> Path:
    """Folder of a night's crate."""
    return layout.night_dir / "provenance"


def write_crate(config: Config, layout: Layout) -> Path:
    """Write the crate of a night that has been published, anew as a whole.

    Parameters
    ----------
    config : Config
        Of the night.
    layout : Layout
        Whose manifests, config and history are told of.

    Returns
    -------
    Path
        The metadata file.
    """
    folder = crate_folder(layout)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "manifests").mkdir(parents=True)
    manifests = {name: read_manifest(layout.manifest(name)) for name in (*SPINE_STORES, *MODEL_STORES)}
    files = [_copy(layout.run_dir / CONFIG_FILE, folder, CONFIG_FILE, "Every setting of the night")]
    write_text(folder / "environment.json", _environment())
    files.append(_file(folder, "environment.json", "Python, platform and every installed package with its version"))
    if (lock := project_dir() / "requirements.lock").is_file():
        files.append(_copy(lock, folder, lock.name, "What was to be installed, by hash"))
    for name in manifests:
        text = f"Manifest of the store {name}: fingerprints, inputs, settings, sources"
        files.append(_copy(layout.manifest(name), folder, f"manifests/{name}.json", text))
    files.append(_copy(layout.night_dir / "publish.json", folder, "manifests/publish.json", "What was released"))

    stores = [_store(manifest) for manifest in manifests.values()]
    records = _last_records(layout)
    actions = [_action(record, manifests) for record in records]
    jobs = [_slurm_job(record) for record in records if record.slurm_job]
    graph = [_descriptor(), _root(config, layout, files, actions), _software(), *files, *stores, *actions, *jobs]
    write_text(
        folder / CRATE,
        json.dumps({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}, indent=1) + "\n",
    )
    return folder / CRATE


def _descriptor() -> Entity:
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }


def _root(config: Config, layout: Layout, files: list[Entity], actions: list[Entity]) -> Entity:
    released = snapshot(layout)
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Night {layout.night} of lcr-hpc, config {config.name}, scenario {layout.scenario}",
        "description": "Provenance of the traffic, carbon and health results of one night, "
        f"released as {released.name if released else 'nothing'}.",
        "datePublished": max((a["endTime"] for a in actions), default=f"{layout.night}"),
        "license": {"@id": "https://www.apache.org/licenses/LICENSE-2.0"},
        "conformsTo": {"@id": "https://w3id.org/ro/wfrun/process/0.5"},
        "hasPart": _refer(files),
        "mentions": _refer(actions),
    }


def _software() -> Entity:
    return {
        "@id": _SOFTWARE,
        "@type": "SoftwareApplication",
        "name": "lcr-hpc",
        "version": code_version(),
        "softwareVersion": code_version(),
        "url": {"@id": "https://pypi.org/project/lcr-hpc/"},
    }


def _action(record: Record, manifests: dict[str, Manifest]) -> Entity:
    made = [manifests[name] for name in stage_stores(record.stage)]
    inputs = {name for manifest in made for name in manifest.inputs} or (
        set(manifests) if record.stage == "publish" else set()
    )
    ended = dt.datetime.fromisoformat(record.ended)
    action: Entity = {
        "@id": f"#{record.stage}",
        "@type": "CreateAction",
        "name": f"lcr {record.stage}, {record.cores} cores",
        "instrument": {"@id": _SOFTWARE},
        "startTime": (ended - dt.timedelta(seconds=record.seconds)).isoformat(timespec="seconds"),
        "endTime": record.ended,
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        "object": _refer([{"@id": CONFIG_FILE}, *({"@id": _store_id(manifests[name])} for name in sorted(inputs))]),
    }
    if made or record.stage == "publish":
        results = [_store_id(manifest) for manifest in made] or ["manifests/publish.json"]
        action["result"] = _refer({"@id": result} for result in results)
    if record.slurm_job:
        action["identifier"] = {"@id": _job_id(record)}
    return action


def _slurm_job(record: Record) -> Entity:
    return {
        "@id": _job_id(record),
        "@type": "PropertyValue",
        "name": "Slurm job",
        "propertyID": "SLURM_JOB_ID",
        "value": record.slurm_job,
    }


def _job_id(record: Record) -> str:
    return f"#slurm-job-{record.slurm_job}"


def _store(manifest: Manifest) -> Entity:
    return {
        "@id": _store_id(manifest),
        "@type": "Dataset",
        "name": f"{manifest.name}.zarr",
        "description": f"Zarr store; {', '.join(manifest.natures)} numbers; tier {manifest.tier}",
        "identifier": f"sha256:{manifest.fingerprint}",
        "subjectOf": {"@id": f"manifests/{manifest.name}.json"},
    }


def _store_id(manifest: Manifest) -> str:
    return f"#{manifest.name}-{manifest.fingerprint[:16]}"


def _last_records(layout: Layout) -> list[Record]:
    """Newest record of each stage of the night; the spine's may be of another scenario, which shares it."""
    found: dict[str, Record] = {}
    for record in read_history(layout.run_dir):
        shared = record.stage in STAGES[:2]
        if record.night == layout.night.isoformat() and (shared or record.scenario == layout.scenario):
            found[record.stage] = record
    return [found[stage] for stage in STAGES if stage in found]


def _copy(source: Path, folder: Path, name: str, text: str) -> Entity:
    shutil.copyfile(source, folder / name)
    return _file(folder, name, text)


def _file(folder: Path, name: str, text: str) -> Entity:
    kinds = {".json": "application/json", ".yaml": "application/yaml"}
    return {
        "@id": name,
        "@type": "File",
        "name": Path(name).name,
        "description": text,
        "encodingFormat": kinds.get(Path(name).suffix, "text/plain"),
        "contentSize": str((folder / name).stat().st_size),
        "sha256": fingerprint_file(folder / name),
    }


def _environment() -> str:
    packages = {d.metadata["Name"]: d.version for d in metadata.distributions() if d.metadata["Name"]}
    told = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "packages": dict(sorted(packages.items(), key=lambda item: item[0].lower())),
    }
    return json.dumps(told, indent=1) + "\n"


def _refer(entities: Iterable[Entity]) -> Entity | list[Entity]:
    """References to entities; the specification wants a single one without a list around it."""
    found = [{"@id": entity["@id"]} for entity in entities]
    return found[0] if len(found) == 1 else found
