"""Manifest -> release.toml, explained for the person who fills it in; what they wrote there before stays."""

from datetime import date
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable, Table

from sc_pipeline.errors import ManifestProblem
from sc_pipeline.raw.manifest import Manifest, ManifestFile, Serves, Withheld

_HEADER = """\
# What this release is and where it came from. Edit freely; the data files beside it are never edited.
# Keys: title, publisher, agency, foia_request, received, population, covers, synthetic, source_url, caution,
# scope_note, withdrawn, [[files]], [[withheld]], [[serves]]. raw/README.md explains each.
"""
_HINTS = {
    "title": 'title = "…"                       # fill in: what a citation would say',
    "publisher": 'publisher = "…"                   # fill in: who made the file public',
    "agency": 'agency = "ICE"                    # fill in: whose records these are',
    "foia_request": 'foia_request = "2024-ICFO-39357"  # the request number, where there is one',
    "received": "received = 2025-07-15             # fill in: the day the files came",
    "population": 'population = "ice"                # or "sc": removals under Secure Communities alone',
    "covers": "covers = [2023-09-01, 2025-06-10] # complete from … to …; without it the last 30 days count as late",
    "source_url": 'source_url = "https://…"          # where the files were published',
    "caution": 'caution = "…"                     # shown beside every figure of this release',
    "scope_note": 'scope_note = "…"                  # what its population leaves out',
    "withdrawn": 'withdrawn = "…"                   # why it serves no month any more',
}
_AS_STATED = (
    "title",
    "publisher",
    "agency",
    "foia_request",
    "received",
    "population",
    "covers",
    "source_url",
    "caution",
    "scope_note",
)


def manifest_text(manifest: Manifest, old: str | None = None) -> str:
    """release.toml for a manifest; reading it back gives the same manifest. What is not stated is there as a comment.

    With `old`, the text that is replaced, only what changed is rewritten: comments and order stay.
    """
    return _new(manifest) if old is None else _edited(manifest, old)


def _new(manifest: Manifest) -> str:
    lines = [_HEADER]
    for key in _AS_STATED:
        value = getattr(manifest, key)
        lines.append(f"# {_HINTS[key]}\n" if value is None else _line(key, value))
    lines.append(_line("synthetic", manifest.synthetic))
    if manifest.withdrawn:
        lines.append(_line("withdrawn", manifest.withdrawn))
    for key in ("files", "withheld", "serves"):
        lines += [
            f"\n[[{key}]]\n" + "".join(_line(*each) for each in _entry(row).items()) for row in getattr(manifest, key)
        ]
    return "".join(lines)


def _line(key: str, value: Any) -> str:
    return tomlkit.dumps({key: _item(value)})


def _item(value: Any) -> Any:
    """A value as release.toml writes it; a table of columns on one line."""
    if isinstance(value, dict):
        table: InlineTable = tomlkit.inline_table()
        table.update(value)
        return table
    return list(value) if isinstance(value, tuple) else value


def _entry(row: ManifestFile | Withheld | Serves) -> dict[str, Any]:
    """One entry of [[files]], [[withheld]] or [[serves]], without what is not stated."""
    stated = {key: value for key, value in row.model_dump(by_alias=True).items() if value not in (None, (), {})}
    months = {key: value.isoformat()[:7] for key, value in stated.items() if isinstance(value, date)}
    return {**stated, **months}


def _edited(manifest: Manifest, old: str) -> str:
    text = old.removeprefix("\ufeff").replace("\r\n", "\n")
    document = tomlkit.parse(text)
    before = Manifest.model_validate(document.unwrap())
    for key in (*_AS_STATED, "synthetic", "withdrawn"):
        value = getattr(manifest, key)
        if value == getattr(before, key):
            continue
        if value is None:
            del document[key]
        else:
            document[key] = _item(value)
    for key in ("files", "withheld", "serves"):
        if getattr(manifest, key) != getattr(before, key):
            _edit_entries(document, key, [_entry(row) for row in getattr(manifest, key)])
    written = tomlkit.dumps(document)
    if Manifest.model_validate(tomlkit.parse(written).unwrap()) != manifest:
        raise ManifestProblem("release.toml: cannot be changed without losing what is in it; edit it by hand")
    return written


def _edit_entries(document: Any, key: str, rows: list[dict[str, Any]]) -> None:
    """Change the entries that are there, in place; add those that are new, and drop those that are gone."""
    there = {_identity(table): table for table in document.get(key, ())}
    entries: AoT = tomlkit.aot()
    for row in rows:
        table: Table = there.get(_identity(row)) or tomlkit.table()
        for name in [name for name in table if name not in row]:
            del table[name]
        for name, value in row.items():
            if name not in table or table[name] != value:
                table[name] = _item(value)
        entries.append(table)
    if key in document:
        document[key] = entries
    elif rows:
        document.append(key, entries)


def _identity(row: Any) -> str:
    """What tells one entry from another: a file's name, else all of it."""
    return str(row["name"]) if "name" in row else repr({key: row[key] for key in sorted(row)})
