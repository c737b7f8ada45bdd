"""The .toml files of vocabulary/ and productions/ -> what column names mean, by kind, and the deliveries known."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sc_pipeline.errors import FileProblem
from sc_pipeline.hashing import code_version
from sc_pipeline.raw.manifest import Serves
from sc_pipeline.raw.register import Known
from sc_pipeline.staged.names import fold, nearest

Names = tuple[str, ...]
_HERE = Path(__file__).parent
_FOLDERS = ("vocabulary", "productions")
WORDS_VERSION = code_version(Path(__file__), *(_HERE / name for name in _FOLDERS))


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measure(_Declared):
    """A figure of a published table, and the names its column may have."""

    population: Literal["ice", "sc", "dhs", "cbp"]
    subset: Literal["all", "convicted", "level1", "detainer_linked", "returns", "removals_and_returns"]
    measure: Literal["removals", "average_12m"]
    columns: Names

    @property
    def key(self) -> str:
        """How `StagedSheet.columns` calls it: `sc/convicted/removals`."""
        return f"{self.population}/{self.subset}/{self.measure}"

    @property
    def is_ours(self) -> bool:
        """Whether it counts removals of a population that is counted here; all else is kept apart."""
        return self.population in ("ice", "sc") and self.subset not in ("returns", "removals_and_returns")


class Vocabulary(_Declared):
    """What the columns of one kind of table may be called.

    `key` is the field every table of the kind has; `own` are columns that no other kind has; `known` columns feed no
    field; `usual` fields are missed where they are absent. `date_forms` are strptime forms in the order to try, each
    for a whole cell, and "excel" for a serial day number.
    """

    kind: str
    title: str
    key: str
    taken_in: bool = True
    population: Literal["ice", "sc"] | None = None
    own: Names = ()
    known: Names = ()
    usual: Names = ()
    never_with: Names = ()
    date_forms: Names = ()
    month_formats: Names = ()
    fields: dict[str, Names]
    measures: tuple[Measure, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.key not in self.fields:
            raise ValueError(f"[fields] must name the columns of the key '{self.key}'")
        if missing := set(self.usual) - set(self.fields):
            raise ValueError(f"'usual' names a field that [fields] lacks: {sorted(missing)[0]}")
        fed = [fold(name) for names in (*self.fields.values(), *(m.columns for m in self.measures)) for name in names]
        if doubled := sorted({name for name in fed if fed.count(name) > 1}):
            raise ValueError(f"a column is listed for two fields: {doubled[0]}")
        return self

    @cached_property
    def feeds(self) -> dict[str, str]:
        """Folded column name -> the field (or measure) it feeds. A field's own name is one of its names."""
        named = {fold(name): field for field, names in self.fields.items() for name in names}
        measured = {fold(name): measure.key for measure in self.measures for name in measure.columns}
        itself = {fold(field): field for field in self.fields if fold(field) not in map(fold, self.known)}
        return itself | named | measured

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The columns, folded, of which one must be there beside the key."""
        return frozenset(map(fold, self.own)) | {fold(n) for measure in self.measures for n in measure.columns}

    @cached_property
    def explains(self) -> frozenset[str]:
        """Every column name this vocabulary knows, folded."""
        return frozenset({*self.feeds, *map(fold, self.known), *map(fold, self.own)})


class Expected(_Declared):
    """How many rows of a fiscal year a whole delivery holds, and who says so."""

    fiscal_year: int = Field(ge=1990, le=2100)
    rows: int = Field(gt=0)
    source: str


class Production(_Declared):
    """A known delivery: all its columns, and what is its own. `fields` are names that mean something else there.

    `serves` are the months to use it for, `expected` what a whole delivery holds, `scope_note` what its population
    leaves out; a release that is this production has them where its manifest says nothing else.
    """

    name: str
    title: str
    kind: str
    columns: Names
    population: Literal["ice", "sc"] | None = None
    table_name: str | None = None
    agency: str | None = None
    foia_request: str | None = None
    cautions: Names = ()
    scope_note: str | None = None
    serves: tuple[Serves, ...] = ()
    expected: tuple[Expected, ...] = ()
    date_forms: Names = ()
    null_marks: Names = ()
    ignore: Names = ()
    fields: dict[str, Names] = {}

    @model_validator(mode="after")
    def _counts_once(self) -> Self:
        for before, after in pairwise(self.serves):
            if before.last is None or before.last >= after.first:
                raise ValueError(f"serves: the window from {after.first:%Y-%m} begins before the one above it ends")
        years = [each.fiscal_year for each in self.expected]
        if doubled := sorted({year for year in years if years.count(year) > 1}):
            raise ValueError(f"expected: the fiscal year {doubled[0]} is there twice")
        return self

    @cached_property
    def feeds(self) -> dict[str, str]:
        """Folded column name -> the field it feeds in this delivery, where the vocabulary says otherwise."""
        return {fold(name): field for field, names in self.fields.items() for name in names}

    @cached_property
    def folded(self) -> frozenset[str]:
        """Its columns, folded."""
        return frozenset(map(fold, self.columns))


def known_of(productions: Iterable[Production]) -> Known:
    """What is known of a release that is these productions."""
    found = list({each.name: each for each in productions}.values())
    scope_notes = dict.fromkeys(each.scope_note for each in found if each.scope_note)
    return Known(
        caution=" ".join(dict.fromkeys(caution for each in found for caution in each.cautions)) or None,
        scope_note=" ".join(scope_notes) or None,
        serves=tuple(
            window.model_copy(update={"kind": each.kind if each.kind in ("removals", "detainers") else None})
            for each in found
            for window in each.serves
        ),
        expected=tuple(
            {"production": each.name, "kind": each.kind, **expected.model_dump()}
            for each in found
            for expected in each.expected
        ),
    )


@dataclass(frozen=True)
class Words:
    """All that is known of column names: a vocabulary per kind, and the known productions."""

    vocabularies: Mapping[str, Vocabulary]
    productions: Mapping[str, Production]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every column name known, folded."""
        known = {name for vocabulary in self.vocabularies.values() for name in vocabulary.explains}
        return frozenset(known.union(*(production.folded for production in self.productions.values())))


def load_words(project: Path | None = None) -> Words:
    """What the package knows, and what a project's own vocabulary/ and productions/ add to it.

    Raises FileProblem, one line that names the .toml and the key that is wrong.
    """
    own = tuple(_files(project)) if project else ()
    return _load(tuple(_files(_HERE)), tuple((path, path.stat().st_mtime_ns) for path in own))


def digest_of_words(project: Path) -> str:
    """A digest of the project's own vocabulary/ and productions/; those of the package are part of its code."""
    digest = hashlib.sha256()
    for path in _files(project):
        digest.update(f"{path.parent.name}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for name in _FOLDERS:
        if (folder / name).is_dir():
            yield from sorted((folder / name).glob("*.toml"))


@lru_cache(4)
def _load(package: tuple[Path, ...], own: tuple[tuple[Path, int], ...]) -> Words:
    vocabularies: dict[str, dict[str, Any]] = {}
    productions: dict[str, Production] = {}
    for path in (*package, *(path for path, _ in own)):
        facts = _read(path)
        if path.parent.name == "vocabulary":
            vocabularies[path.stem] = _merged(vocabularies.get(path.stem, {}), facts)
            _checked(Vocabulary, path, vocabularies[path.stem] | {"kind": path.stem})
        else:
            productions[path.stem] = _checked(Production, path, facts | {"name": path.stem})
    words = {
        kind: _checked(Vocabulary, Path(f"{kind}.toml"), facts | {"kind": kind}) for kind, facts in vocabularies.items()
    }
    for production in productions.values():
        _check_production(production, words)
    return Words(words, productions)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FileProblem(f"{path.parent.name}/{path.name}: is not valid TOML: {error}") from None


def _merged(facts: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """A project's own vocabulary adds names to the package's; other keys overrule."""
    merged = dict(facts)
    for key, value in more.items():
        if key in merged and isinstance(value, list):
            merged[key] = [*merged[key], *(each for each in value if each not in merged[key])]
        elif key in merged and isinstance(value, dict):
            merged[key] = _merged(merged[key], value)
        else:
            merged[key] = value
    return merged


_Model = TypeVar("_Model", bound=_Declared)


def _checked(model: type[_Model], path: Path, facts: dict[str, Any]) -> _Model:
    try:
        return model.model_validate(facts)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise FileProblem(
            f"{path.name}: {key + ': ' if key else ''}{first['msg'].removeprefix('Value error, ')}"
        ) from None


def _check_production(production: Production, words: Mapping[str, Vocabulary]) -> None:
    if production.kind not in words:
        raise FileProblem(f"{production.name}.toml: unknown kind '{production.kind}'; known are {', '.join(words)}")
    fields = words[production.kind].fields
    for field in production.fields:
        if field not in fields:
            hint = nearest(field, fields) or ", ".join(fields)
            raise FileProblem(f"{production.name}.toml: unknown field '{field}'; nearest is {hint}")
