"""Whether anything changed since a build left nothing to do: told by names, sizes and times, without heavy imports."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from sc_pipeline import limits
from sc_pipeline.project import Project

_NOTE = ".settled.json"
_PACKAGE = Path(__file__).parent
# A project's own words for columns, beside raw/.
_OWN_WORDS = ("vocabulary", "productions")
# What a build may change without making anything: logs, Dagster's records, remembered hashes.
_PASSING = {_NOTE, ".lock", ".lock-holder.json", "file_hashes.json", "failures.log", "spark.log", "dagster", ".scratch"}


def settled(project: Project) -> list[str] | None:
    """Why releases were refused by the build that left nothing to do, where all is as it left it; else None."""
    if project.settings.store:
        return None  # another machine may have changed what is on the bucket
    try:
        note = json.loads((project.warehouse / _NOTE).read_text(encoding="utf-8"))
        is_same = note["is"] == fingerprint(project)
        return list(note["problems"]) if is_same else None
    except (OSError, ValueError, TypeError, KeyError):
        return None  # it only saves time: without it the plan is asked


def settle(project: Project, seen: str, problems: list[str]) -> None:
    """Note that nothing is left to do of what was there when the fingerprint `seen` was taken, and what was refused."""
    note = {"is": seen, "problems": problems}
    unfinished = project.warehouse / f"{_NOTE}.tmp"
    unfinished.write_text(json.dumps(note), encoding="utf-8")
    unfinished.replace(project.warehouse / _NOTE)


def fingerprint(project: Project) -> str:
    """A digest of the names, sizes and times of all that a build reads or makes."""
    # Where rows are outside the published file, it names the folder they are in.
    place = project.warehouse if project.settings.max_file_rows else ""
    made_with = f"{sys.version} {sorted(limits.changed().items())} {project.settings} {place}"
    digest = hashlib.sha256(made_with.encode("utf-8", "surrogateescape"))
    own_words = (project.raw.parent / name for name in _OWN_WORDS)
    for folder in (project.raw, project.warehouse, _PACKAGE, *own_words):
        below = None if folder == project.warehouse else ""
        for line in _files(folder, below) if folder.is_dir() else ["no folder\n"]:
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(folder: Path, below: str | None) -> Iterator[str]:
    """Every folder, and name, size and times of every file, below a folder; of the warehouse, of what a build makes."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name == "__pycache__" or (
                below is None and (entry.name in _PASSING or entry.name.endswith(".tmp"))
            ):
                continue
            name = f"{below or ''}/{entry.name}"
            if entry.is_dir():
                yield f"{name}/\n"
                yield from _files(Path(entry.path), name)
            else:
                stat = entry.stat()
                # The time of the last change of status too: a copy can carry the old file's time of writing.
                yield f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ctime_ns}\n"
