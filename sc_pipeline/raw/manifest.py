"""release.toml <-> Manifest: what a person states about a release, checked when read and explained when written."""

import difflib
import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import tomli_w

from sc_pipeline.errors import ManifestProblem

MANIFEST_NAME = "release.toml"
CORRECTIONS_NAME = "corrections.toml"
POPULATIONS = ("ice", "sc")
# What a reader of the published file needs to know of every release; `population` mostly follows from the layout.
WANTED = ("title", "publisher", "agency", "received")

_FIRST_DAY = date(1990, 1, 1)
_LAST_DAY = date(2100, 1, 1)
_TABLE_KEYS = {
    "files": ("name", "sha256", "layout"),
    "withheld": ("fields", "from", "to"),
    "serves": ("from", "to"),
}


@dataclass(frozen=True)
class ManifestFile:
    """A data file named in a manifest; the layout is given only to overrule the match by columns."""

    name: str
    sha256: str | None = None
    layout: str | None = None


@dataclass(frozen=True)
class Withheld:
    """Fields the agency stopped releasing, from the first month (its first day) to the last; None: until today."""

    fields: tuple[str, ...]
    first: date
    last: date | None


@dataclass(frozen=True)
class Serves:
    """A window of months (first days) for which a release is the one to use; None is open-ended."""

    first: date
    last: date | None


@dataclass(frozen=True)
class Manifest:
    """What release.toml states; None or empty where it is silent."""

    title: str | None = None
    publisher: str | None = None
    agency: str | None = None
    foia_request: str | None = None
    received: date | None = None
    population: str | None = None
    covers: tuple[date, date] | None = None
    synthetic: bool = False
    source_url: str | None = None
    withdrawn: str | None = None
    files: tuple[ManifestFile, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    serves: tuple[Serves, ...] = ()


def read_manifest(path: Path, known_fields: Collection[str] = ()) -> Manifest:
    """The manifest in a release.toml. `known_fields` are the names [[withheld]] may use; empty allows any.

    Raises ManifestProblem, one line that names the release's folder, the key and what to do.
    """
    place = f"{path.parent.name}/{path.name}"
    try:
        # Windows editors put a byte-order mark in front, which TOML does not allow.
        text = path.read_bytes().decode("utf-8-sig")
        return _parse(tomllib.loads(text.replace("\r\n", "\n")), place, known_fields)
    except UnicodeDecodeError:
        raise ManifestProblem(f"{place}: not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        hint = 'texts and months stand in quotes ("2016-01"), days do not (2016-01-31)'
        raise ManifestProblem(f"{place}: not valid TOML: {error}; {hint}") from None


def _parse(found: dict[str, Any], place: str, known_fields: Collection[str]) -> Manifest:
    _refuse_unknown_keys(found, [field.name for field in fields(Manifest)], place)
    values: dict[str, Any] = {}
    for key, value in found.items():
        where = f"{place}: {key}"
        if key in _TABLE_KEYS:
            values[key] = tuple(_parse_table(key, row, where, known_fields) for row in _tables(value, key, where))
        else:
            values[key] = _PARSERS.get(key, _text)(value, where)
    manifest = Manifest(**values)
    _refuse_doubles([file.name for file in manifest.files], f"{place}: files")
    return manifest


def _parse_table(key: str, row: dict[str, Any], where: str, known_fields: Collection[str]) -> Any:
    _refuse_unknown_keys(row, _TABLE_KEYS[key], where)
    if key == "files":
        return _file(row, where)
    first, last = _window(row, where)
    if key == "serves":
        return Serves(first, last)
    return Withheld(_field_names(row.get("fields"), f"{where}: fields", known_fields), first, last)


def _file(row: dict[str, Any], where: str) -> ManifestFile:
    name = _required(row, "name", where)
    _text(name, f"{where}: name")  # as it is: a file's name may begin or end with a space
    parts = PurePosixPath(name).parts
    if "\\" in name or name.startswith("/") or ".." in parts or str(PurePosixPath(name)) != name:
        raise ManifestProblem(f'{where}: "{name}" does not lie in the release\'s folder; give its name there')
    digest = _text(row["sha256"], f"{where}: sha256").lower() if "sha256" in row else None
    if digest is not None and not re.fullmatch("[0-9a-f]{64}", digest):
        raise ManifestProblem(f"{where}: sha256 of {name} is not 64 hexadecimal digits; leave it out or correct it")
    return ManifestFile(name, digest, _text(row["layout"], f"{where}: layout") if "layout" in row else None)


def _window(row: dict[str, Any], where: str) -> tuple[date, date | None]:
    first = _month(_required(row, "from", where), f"{where}: from")
    last = _month(row["to"], f"{where}: to") if "to" in row else None
    if last is not None and last < first:
        raise ManifestProblem(f"{where}: to = {last:%Y-%m} lies before from = {first:%Y-%m}; swap or correct them")
    return first, last


def _field_names(value: Any, where: str, known_fields: Collection[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ManifestProblem(f'{where}: is to be a list of field names, such as ["detainer_prepare_date"]')
    names = tuple(_text(name, where) for name in value)
    for name in names:
        if known_fields and name not in known_fields:
            raise ManifestProblem(f'{where}: unknown field "{name}"{_nearest(name, known_fields)}')
    return names


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ManifestProblem(
            f'{where}: is to be a text in quotes, found {_shown(value)}; write "…" or leave the key out'
        )
    return value.strip()


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ManifestProblem(f"{where}: is to be true or false, without quotes, found {_shown(value)}")
    return value


def _population(value: Any, where: str) -> str:
    if value not in POPULATIONS:
        meaning = '"ice" (all ICE removals) or "sc" (removals under Secure Communities)'
        raise ManifestProblem(f"{where}: unknown population {_shown(value)}; write {meaning}")
    return value


def _day(value: Any, where: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ManifestProblem(f"{where}: is to be a day without quotes, such as 2025-07-15, found {_shown(value)}")
    if not _FIRST_DAY <= value <= _LAST_DAY:
        raise ManifestProblem(f"{where}: {value} lies outside {_FIRST_DAY} to {_LAST_DAY}; correct the year")
    return value


def _month(value: Any, where: str) -> date:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value):
        raise ManifestProblem(f'{where}: is to be a month in quotes, such as "2016-01", found {_shown(value)}')
    return _day(date(max(int(value[:4]), 1), int(value[5:]), 1), where)


def _span(value: Any, where: str) -> tuple[date, date]:
    if not isinstance(value, list) or len(value) != 2:
        raise ManifestProblem(f"{where}: is to be the first and the last day, such as [2023-09-01, 2025-06-10]")
    first, last = _day(value[0], where), _day(value[1], where)
    if last < first:
        raise ManifestProblem(f"{where}: the last day {last} lies before the first, {first}; swap or correct them")
    return first, last


_PARSERS: dict[str, Callable[[Any, str], Any]] = {
    "received": _day,
    "population": _population,
    "covers": _span,
    "synthetic": _flag,
}


def _tables(value: Any, key: str, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ManifestProblem(f"{where}: is to be written as [[{key}]], with {', '.join(_TABLE_KEYS[key])} below it")
    return value


def _required(row: dict[str, Any], key: str, where: str) -> Any:
    if key not in row:
        raise ManifestProblem(f"{where}: an entry lacks `{key}`; add it")
    return row[key]


def _refuse_unknown_keys(found: dict[str, Any], known: Collection[str], where: str) -> None:
    for key in found:
        if key not in known:
            raise ManifestProblem(f'{where}: unknown key "{key}"{_nearest(key, known)}')


def _refuse_doubles(names: list[str], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ManifestProblem(f'{where}: "{name}" is named twice; keep one entry')


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; known are: {', '.join(known)}"


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


_HEADER = """\
# What this release is and where it came from. Edit freely; the data files beside it are never edited.
# Keys: title, publisher, agency, foia_request, received, population, covers, synthetic, source_url, withdrawn,
# [[files]], [[withheld]], [[serves]]. raw/README.md explains each.
"""
_HINTS = {
    "title": 'title = "…"                       # fill in: what a citation would say',
    "publisher": 'publisher = "…"                   # fill in: who made the file public',
    "agency": 'agency = "ICE"                    # fill in: whose records these are',
    "foia_request": 'foia_request = "2024-ICFO-39357"  # the request number, where there is one',
    "received": "received = 2025-07-15             # fill in: the day the files came",
    "population": 'population = "ice"                # or "sc"; only where the layout does not say',
    "covers": "covers = [2023-09-01, 2025-06-10] # first and last day, where they differ from the data's own",
    "source_url": 'source_url = "https://…"          # where the files were published',
}


def manifest_text(manifest: Manifest) -> str:
    """release.toml for a manifest; reading it back gives the same manifest. What is not stated stands as a comment."""
    lines = [_HEADER]
    for key, hint in _HINTS.items():
        value = getattr(manifest, key)
        lines.append(f"# {hint}\n" if value is None else _dump(key, list(value) if key == "covers" else value))
    lines.append(_dump("synthetic", manifest.synthetic))
    if manifest.withdrawn:
        lines.append(_dump("withdrawn", manifest.withdrawn))
    lines += [_entry("files", {"name": f.name, "sha256": f.sha256, "layout": f.layout}) for f in manifest.files]
    for held in manifest.withheld:
        lines.append(_entry("withheld", {"fields": list(held.fields), **_months(held.first, held.last)}))
    lines += [_entry("serves", _months(serves.first, serves.last)) for serves in manifest.serves]
    return "".join(lines)


def _months(first: date, last: date | None) -> dict[str, str | None]:
    # Not strftime: it does not pad years everywhere.
    return {"from": first.isoformat()[:7], "to": last.isoformat()[:7] if last else None}


def _dump(key: str, value: Any) -> str:
    return tomli_w.dumps({key: value})


def _entry(table: str, values: dict[str, Any]) -> str:
    return f"\n[[{table}]]\n" + tomli_w.dumps({key: value for key, value in values.items() if value is not None})
