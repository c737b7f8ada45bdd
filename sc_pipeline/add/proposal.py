"""What a person says of a release, what is known of it, what its files tell -> the manifest that `add` proposes."""

from collections.abc import Iterable, Sequence
from typing import Any

from sc_pipeline.add.findings import FoundFile, coverage, populations, productions
from sc_pipeline.raw.known_files import KnownRelease
from sc_pipeline.raw.manifest import Manifest, ManifestFile
from sc_pipeline.staged.vocabularies import Words, known_of


def proposed(
    stated: Manifest, base: Manifest, known: KnownRelease | None, found: Sequence[FoundFile], words: Words
) -> Manifest:
    """What the person says, else what the manifest at hand says, else what is publicly known, key by key.

    The files themselves fill what is left: whom they count, what is known to be wrong with them, and how far they go.
    """
    counted, of = populations(found), productions(found, words)
    facts = known_of(of)
    seen = {
        "title": " and ".join(dict.fromkeys(production.title for production in of)),
        "agency": _shared(production.agency for production in of),
        "foia_request": _shared(production.foia_request for production in of),
        "population": counted.pop() if len(counted) == 1 else None,
        "caution": facts.caution,
        "scope_note": facts.scope_note,
        "serves": facts.serves,
        "covers": coverage(found),
    }
    chosen: dict[str, Any] = {}
    for key in Manifest.model_fields:
        values = (getattr(stated, key), getattr(base, key), getattr(known, key, None), seen.get(key))
        chosen[key] = next((value for value in values if value), getattr(Manifest(), key))
    entries = {entry.name: entry for entry in base.files}
    chosen["files"] = tuple(_entry(file, entries.get(file.name)) for file in found)
    return Manifest(**chosen)


def _shared(values: Iterable[str | None]) -> str | None:
    """The one value that all have."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _entry(file: FoundFile, stated: ManifestFile | None) -> ManifestFile:
    """A file's entry: as a person wrote it, with its digest and the production it is."""
    entry = stated or ManifestFile(name=file.name)
    production = entry.production or (None if entry.kind else _named_production(file))
    return entry.model_copy(update={"sha256": file.sha256, "production": production})


def _named_production(file: FoundFile) -> str | None:
    """The one known production that every table of a file is; what else is in it might not be told under its name."""
    kinds = {(table.sheet.kind, table.sheet.production) for table in file.tables if table.sheet.kind}
    return kinds.pop()[1] if len(kinds) == 1 else None
