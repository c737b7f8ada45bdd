"""The digest of a file -> what is publicly known of it: its release, who published it, under which request."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class KnownRelease:
    """A release others have published: `release_id` is the name proposed here; None where nothing is known."""

    release_id: str
    title: str
    publisher: str
    agency: str
    foia_request: str | None
    population: str | None


@dataclass(frozen=True)
class KnownFile:
    """One published file, recognised by its bytes whatever it is called."""

    sha256: str
    kind: str
    file: str
    release: KnownRelease


@cache
def known_files() -> dict[str, KnownFile]:
    """Every known file by its sha256. Where the same bytes were published twice, the first entry counts."""
    releases = {row["release"]: _release(row) for row in _rows("known_releases.csv")}
    found: dict[str, KnownFile] = {}
    for row in _rows("known_files.csv"):
        known = KnownFile(row["sha256"], row["kind"], row["file"], releases[row["release"]])
        found.setdefault(known.sha256, known)
    return found


def _release(row: dict[str, str]) -> KnownRelease:
    return KnownRelease(
        release_id=row["release_id"],
        title=row["title"],
        publisher=row["publisher"],
        agency=row["agency"],
        foia_request=row["foia_request"] or None,
        population=row["population"] or None,
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("sc_pipeline").joinpath("reference", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
