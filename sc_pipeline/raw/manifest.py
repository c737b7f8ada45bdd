"""release.toml -> Manifest: what a person states of a release, each key checked, each fault explained in one line."""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from sc_pipeline.errors import ManifestProblem, UsageError
from sc_pipeline.limits import FILES, SETTINGS

MANIFEST_NAME = "release.toml"
CORRECTIONS_NAME = "corrections.toml"
SCHEMA_NAME = "release.schema.json"  # beside this module; editors complete and check keys by it
POPULATIONS = ("ice", "sc")
# What a reader of the published file needs to know of every release; `population` mostly follows from the production.
WANTED = ("title", "publisher", "agency", "received")

_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2100, 1, 1)
_LISTED = 30  # names shown of those that would be right
_MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f'must be a text in quotes; found {_shown(value)}; write "…" or leave the key out')
    if not value.strip():
        raise ValueError('is empty; write "…" or leave the key out')
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, without quotes; found {_shown(value)}")
    return value


def _population(value: Any) -> str:
    if value not in POPULATIONS:
        meaning = '"ice" (all ICE removals) or "sc" (removals under Secure Communities)'
        raise ValueError(f"unknown population {_shown(value)}; write {meaning}")
    return str(value)


def _served_kind(value: Any) -> str:
    if value not in ("removals", "detainers"):
        raise ValueError(f'must be "removals" or "detainers"; found {_shown(value)}')
    return str(value)


def _order(value: Any) -> str:
    if value not in ("month first", "day first"):
        raise ValueError(f'must be "month first" or "day first"; found {_shown(value)}')
    return str(value)


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"must be a date without quotes, e.g. 2025-07-15; found {_shown(value)}")
    if not _FIRST_DAY <= value <= _LAST_DAY:
        raise ValueError(f"{value} is outside {_FIRST_DAY} to {_LAST_DAY}; correct the year")
    return value


def _month(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime) and value.day == 1:
        return _day(value)  # as the code states it
    if not isinstance(value, str) or not re.fullmatch(_MONTH, value):
        raise ValueError(f'must be a month in quotes, e.g. "2016-01"; found {_shown(value)}')
    return _day(date(max(int(value[:4]), 1), int(value[5:]), 1))


def _span(value: Any) -> tuple[date, date]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("must be the first and the last day, e.g. [2023-09-01, 2025-06-10]")
    first, last = _day(value[0]), _day(value[1])
    if last < first:
        raise ValueError(f"the last day {last} is before the first, {first}; swap or correct them")
    return first, last


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f'must be a list of names in quotes, e.g. ["detainer_prepare_date"]; found {_shown(value)}')
    return tuple(_text(name) for name in value)


def _columns(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(f'must be written {{ "App State" = "state" }}; found {_shown(value)}')
    return {str(name): _text(field) for name, field in value.items()}


def _file_name(value: Any) -> str:
    _text(value)  # as it is: a file's name may begin or end with a space
    if "\\" in value or value.startswith("/") or ".." in PurePosixPath(value).parts or not PurePosixPath(value).name:
        raise ValueError(f'"{value}" is not in the release\'s folder; give its name there')
    return str(PurePosixPath(value))  # ./removals.csv is removals.csv


def _sha256(value: Any) -> str:
    digest = _text(value).lower()
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError("is not 64 hexadecimal digits; leave it out or correct it")
    return digest


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


Text = Annotated[str, BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date, BeforeValidator(_day)]
Month = Annotated[date, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": f"^{_MONTH}$"})]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ManifestFile(_Stated):
    """A data file named in a manifest; all but its name only where the file itself cannot tell."""

    name: Annotated[str, BeforeValidator(_file_name)]
    sha256: Annotated[str, BeforeValidator(_sha256)] | None = None
    sheets: Names = ()
    leave_out: Names = ()
    kind: Text | None = None
    production: Text | None = None
    columns: Annotated[dict[str, str], BeforeValidator(_columns)] = {}
    date_order: Annotated[Literal["month first", "day first"], BeforeValidator(_order)] | None = None


class _Window(_Stated):
    first: Month = Field(alias="from")
    last: Month | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> "_Window":
        if self.last is not None and self.last < self.first:
            raise ValueError(f"to = {self.last:%Y-%m} is before from = {self.first:%Y-%m}; swap or correct them")
        return self


class Serves(_Window):
    """A window of months (first days) for which a release is the one to use; None is open-ended.

    `kind` limits it to the release's removals or to its detainers, which may serve other months.
    """

    kind: Annotated[Literal["removals", "detainers"] | None, BeforeValidator(_served_kind)] = None


class Withheld(_Window):
    """Fields the agency stopped releasing, from the first month (its first day) to the last; None: until today."""

    fields: Names
    reason: Text | None = None
    citation: Text | None = None


class Manifest(_Stated):
    """What release.toml states; None or empty where it is silent."""

    title: Text | None = None
    publisher: Text | None = None
    agency: Text | None = None
    foia_request: Text | None = None
    received: Day | None = None
    population: Annotated[Literal["ice", "sc"], BeforeValidator(_population)] | None = None
    covers: Annotated[tuple[date, date], BeforeValidator(_span)] | None = None
    synthetic: Flag = False
    source_url: Text | None = None
    caution: Text | None = None
    scope_note: Text | None = None
    withdrawn: Text | None = None
    files: tuple[ManifestFile, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    serves: tuple[Serves, ...] = ()

    @model_validator(mode="after")
    def _each_file_once(self) -> "Manifest":
        for name, times in Counter(file.name for file in self.files).items():
            if times > 1:
                raise ValueError(f'files: "{name}" is named twice; keep one entry')
        return self


def read_manifest(path: Path, known_fields: Collection[str] = ()) -> Manifest:
    """The manifest in a release.toml. `known_fields` are the names [[withheld]] may use; empty allows any.

    Raises ManifestProblem, one line that names the release's folder, the key and what to do.
    """
    place = f"{path.parent.name}/{path.name}"
    return _checked(read_toml(path), place, known_fields)


def stated_manifest(**facts: Any) -> Manifest:
    """What a person states of a release on the command line; None is not stated.

    Raises UsageError, one line with the option and what to do.
    """
    try:
        return Manifest(**{key: value for key, value in facts.items() if value is not None})
    except ValidationError as error:
        raise UsageError(_explained(error.errors()[0], "").replace(": ", "--", 1)) from None


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a manifest, keys not checked. Raises ManifestProblem where it is not TOML."""
    place = f"{path.parent.name}/{path.name}"
    try:
        SETTINGS.hold(path.stat().st_size, place)
        # Windows editors put a byte-order mark in front, which TOML does not allow.
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text.replace("\r\n", "\n"))
    except OSError as error:
        raise ManifestProblem(f"{place}: cannot be read ({error.strerror}); check its permissions") from None
    except UnicodeDecodeError:
        raise ManifestProblem(f"{place}: not UTF-8 text; save it as UTF-8") from None
    except (RecursionError, MemoryError):
        raise ManifestProblem(f"{place}: not valid TOML: its brackets are nested too deep; write it again") from None
    except ValueError as error:
        hint = 'texts and months need quotes ("2016-01"), dates do not (2016-01-31)'
        reason = " ".join(str(error).split())[:200]
        raise ManifestProblem(f"{place}: not valid TOML: {reason}; {hint}") from None


def _checked(found: dict[str, Any], place: str, known_fields: Collection[str]) -> Manifest:
    for key in _MODELS:
        # Each wrong entry is a fault of its own, and telling the first of a million takes a minute.
        FILES.hold(len(found[key]) if isinstance(found.get(key), list) else 0, f"{place}, {key}")
    try:
        manifest = Manifest.model_validate(found, by_name=False, by_alias=True)
    except ValidationError as error:
        # A misspelled key also makes the right one missing: the misspelling is what to say.
        first = sorted(error.errors(), key=lambda each: each["type"] != "extra_forbidden")[0]
        raise ManifestProblem(_explained(first, place)) from None
    except RecursionError:
        raise ManifestProblem(f"{place}: its values are nested too deep; write it again") from None
    for held in manifest.withheld:
        for name in held.fields:
            if known_fields and name not in known_fields:
                raise ManifestProblem(
                    f'{place}: withheld: fields: unknown field "{name}"{_nearest(name, known_fields)}'
                )
    return manifest


_MODELS: dict[str, type[_Stated]] = {"files": ManifestFile, "withheld": Withheld, "serves": Serves}


def _explained(error: Any, place: str) -> str:
    """A fault in one line: where, what, and what to write."""
    keys = [str(key) for key in error["loc"] if isinstance(key, str)]
    inside = _MODELS.get(keys[0]) if keys else None
    where = ": ".join([place, *keys])
    if error["type"] == "extra_forbidden":
        known = keys_of(inside if inside and len(keys) > 1 else Manifest)
        return f'{": ".join([place, *keys[:-1]])}: unknown key "{keys[-1]}"{_nearest(keys[-1], known)}'
    if error["type"] == "missing":
        return f"{': '.join([place, *keys[:-1]])}: an entry lacks `{keys[-1]}`; add it"
    if error["type"] == "value_error":
        return f"{where}: {error['ctx']['error']!s}"
    if inside:
        return f"{where}: must be written as [[{keys[0]}]], with {', '.join(keys_of(inside))} below it"
    return f"{where}: {error['msg']}"


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys a table of release.toml may have, as they are written there."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    listed = [*list(known)[:_LISTED], *(["…"] if len(known) > _LISTED else [])]
    return f'; did you mean "{close[0]}"?' if close else f"; known are: {', '.join(listed)}"
