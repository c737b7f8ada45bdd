"""raw/ -> Releases: which folders and files there are one delivery each, what is stated of them, and their digests."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sc_pipeline.errors import ManifestProblem
from sc_pipeline.raw.folders import KINDS, all_files, data_files, is_data, is_temporary, normal, stem
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.known_files import known_files
from sc_pipeline.raw.manifest import (
    CORRECTIONS_NAME,
    MANIFEST_NAME,
    WANTED,
    Manifest,
    ManifestFile,
    Serves,
    Withheld,
    read_manifest,
)
from sc_pipeline.schemas.base import columns
from sc_pipeline.schemas.records import Detainers, Removals
from sc_pipeline.store.notes import file_name

# A file system takes 255 bytes for a name; a release's id needs room for endings, and letters beyond ASCII take three.
_LONGEST_ID = 200
_FIELDS = (
    *(column.name for column in columns(Removals)),
    *(f"detainers.{column.name}" for column in columns(Detainers)),
)


@dataclass(frozen=True)
class SourceFile:
    """One file of a release: its name there, its digest, and what its entry in release.toml states of it."""

    name: str
    path: Path
    sha256: str
    bytes: int
    sheets: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    kind: str | None = None
    production: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    date_order: str | None = None


@dataclass(frozen=True)
class Release:
    """One delivery as it lies in raw/: what is stated of it, and its data files by name."""

    id: str
    title: str
    publisher: str | None
    agency: str | None
    foia_request: str | None
    received: date | None
    population: str | None
    covers: tuple[date, date] | None
    synthetic: bool
    source_url: str | None
    files: tuple[SourceFile, ...]
    withheld: tuple[Withheld, ...]
    serves: tuple[Serves, ...]
    withdrawn: str | None
    inferred: tuple[str, ...]  # the wanted manifest keys that nobody filled in
    sha256: str  # over the names and digests of the data files
    settings_sha256: str  # over release.toml and corrections.toml
    folder: Path  # where release.toml and corrections.toml are, or would be
    caution: str | None = None  # shown beside every figure of it
    scope_note: str | None = None  # what its population leaves out
    unnamed: tuple[str, ...] = ()  # data files in the folder that [[files]] leaves out: they are not read
    beside: tuple[SourceFile, ...] = ()  # read-mes and letters in the folder, kept and not read
    is_stated: bool = False  # whether release.toml states the sha256 of every data file

    @property
    def path(self) -> Path:
        """Its entry in raw/: the folder, or the single file."""
        first = self.files[0].path
        return first if first.parent == self.folder.parent else self.folder

    @property
    def project(self) -> Path:
        """The folder that raw/ is in: a project's own vocabulary/ and productions/ are there."""
        return self.folder.parent.parent


def find_releases(raw: Path) -> dict[str, Path]:
    """Release id -> its folder or single file, sorted by id. Temporary and hidden names and read-mes are not releases.

    Raises ManifestProblem where raw/ is not there. Entries whose name cannot be an id are left to `misnamed`.
    """
    bad = misnamed(raw)
    return {release_id: path for release_id, path in _named(raw) if path.name not in bad}


def misnamed(raw: Path) -> dict[str, str]:
    """Entry in raw/ -> why it cannot be a release under its name: its own trouble, not that of the others."""
    problems: dict[str, str] = {}
    seen: dict[str, Path] = {}
    for release_id, path in _named(raw):
        if not release_id.isprintable() or "..." in release_id:
            problems[path.name] = f'{path.name!r}: cannot name a release; rename it without "..." and line ends'
        elif len(file_name(release_id)) > _LONGEST_ID:
            problems[path.name] = f"{path.name[:60]}…: too long to name a release; rename it with fewer letters"
        # Ids become folder names in warehouse/, where upper and lower case may be one.
        other = seen.setdefault(release_id.casefold(), path)
        if other is not path:
            both = f"{other.name} and {path.name} give one release id, {release_id}; rename one of them"
            problems |= {other.name: both, path.name: both}
    return problems


def _named(raw: Path) -> list[tuple[str, Path]]:
    if not raw.is_dir():
        raise ManifestProblem(
            f"{raw}: no such folder; create it with sc-pipeline init, or say where the releases are with --raw"
        )
    entries = [path for path in _entries(raw) if not is_temporary(path.name)]
    found = [
        (normal(path.name if path.is_dir() else stem(path.name)), path)
        for path in entries
        if path.is_dir() or is_data(path.name)
    ]
    return sorted(found)


def _entries(raw: Path) -> list[Path]:
    try:
        return sorted(raw.iterdir())
    except OSError as error:
        raise ManifestProblem(f"{raw}: cannot be read ({error.strerror}); check its permissions") from None


def load_release(release_id: str, path: Path, hashes: FileHashes) -> Release:
    """The release in a folder or single file: its manifest, or what can be told without one, and its files' digests.

    Raises ManifestProblem or FileProblem, one line with the file and what to do.
    """
    manifest_path = path / MANIFEST_NAME
    manifest = read_manifest(manifest_path, _FIELDS) if manifest_path.is_file() else Manifest()
    present = data_files(path)
    named = manifest.files or tuple(ManifestFile(name=name) for name in present)
    if not named:
        raise ManifestProblem(f"{path.name}: holds no data file; put {KINDS} there or remove the folder")
    files = _source_files(path, sorted(named, key=lambda file: file.name), present, hashes)
    known = next((known_files()[file.sha256].release for file in files if file.sha256 in known_files()), None)
    return Release(
        id=release_id,
        title=manifest.title or (known.title if known else release_id),
        publisher=manifest.publisher or (known.publisher if known else None),
        agency=manifest.agency or (known.agency if known else None),
        foia_request=manifest.foia_request or (known.foia_request if known else None),
        received=manifest.received,
        population=manifest.population or (known.population if known else None),
        covers=manifest.covers,
        synthetic=manifest.synthetic,
        source_url=manifest.source_url,
        caution=manifest.caution,
        scope_note=manifest.scope_note,
        files=files,
        withheld=manifest.withheld,
        serves=manifest.serves,
        withdrawn=manifest.withdrawn,
        inferred=tuple(key for key in WANTED if getattr(manifest, key) is None),
        sha256=_digest(f"{file.sha256}  {file.name}" for file in files),
        settings_sha256=_digest(_settings(path)),
        folder=path if path.is_dir() else path.with_name(release_id),
        beside=_beside(path, {file.path for file in files}, hashes),
        is_stated=bool(manifest.files) and all(file.sha256 for file in manifest.files),
        unnamed=tuple(name for name in present if name not in {normal(file.name) for file in files}),
    )


def _beside(path: Path, read: set[Path], hashes: FileHashes) -> tuple[SourceFile, ...]:
    """The files of a release's folder that are not read, but for its settings and what an editor or a copy left."""
    if not path.is_dir():
        return ()
    others = {
        name: Path(entry.path)
        for name, entry in sorted(all_files(path).items())
        if name not in (MANIFEST_NAME, CORRECTIONS_NAME) and not is_temporary(Path(name).name)
    }
    return tuple(
        SourceFile(name, source, hashes.sha256(source), source.stat().st_size)
        for name, source in others.items()
        if source not in read
    )


def _source_files(
    path: Path, named: Sequence[ManifestFile], present: dict[str, Path], hashes: FileHashes
) -> tuple[SourceFile, ...]:
    if len(named) == 1:
        return (_source_file(path, named[0], present, hashes),)
    # Hashing keeps one core busy; the files of a release can be large.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return tuple(pool.map(lambda file: _source_file(path, file, present, hashes), named))


def _source_file(path: Path, file: ManifestFile, present: dict[str, Path], hashes: FileHashes) -> SourceFile:
    where = f"{path.name}/{file.name}" if path.is_dir() else path.name
    source = present.get(normal(file.name))
    if source is None:
        wanted = normal(file.name).casefold()
        alike = next((name for name in present if name.casefold() == wanted), None)
        advice = f'write "{alike}", as the folder does' if alike else "put it back or take the entry out"
        if not alike and (path / file.name).exists():
            raise ManifestProblem(f"{where}: named in {MANIFEST_NAME} but no data file; take the entry out")
        raise ManifestProblem(f"{where}: named in {MANIFEST_NAME} but not there; {advice}")
    if not source.is_file():
        raise ManifestProblem(f"{where}: not a file (a link to a folder, or a device); move it out of raw/")
    digest = hashes.sha256(source)
    if file.sha256 not in (None, digest):
        raise ManifestProblem(
            f"{where}: its sha256 is {digest}, {MANIFEST_NAME} says {file.sha256}; "
            f"put it back as it was, or accept the change with: sc-pipeline add --replace {_shell(path)}"
        )
    stated = file.model_dump(exclude={"name", "sha256"})
    return SourceFile(file.name, source, digest, source.stat().st_size, **stated)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _settings(path: Path) -> Iterator[str]:
    for name in (MANIFEST_NAME, CORRECTIONS_NAME):
        file = path / name
        yield hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "none"


def check_unique_bytes(releases: Iterable[Release]) -> dict[str, ManifestProblem]:
    """Release id -> problem, for each release whose files are all in one other release too; the others can go on.

    A file that two releases share is fine: cumulative deliveries send old years again.
    """
    holding: dict[str, list[tuple[Release, set[str]]]] = {}  # the digest of a file -> the releases that hold it
    problems: dict[str, ManifestProblem] = {}
    # A copy dropped in without a date must not push out the release that says when it came: no date counts as last.
    for release in sorted(releases, key=lambda release: (release.received or date.max, release.id)):
        digests = {file.sha256 for file in release.files}
        same = next((other for other, its in holding.get(release.files[0].sha256, ()) if digests <= its), None)
        if same is None:
            for digest in digests:
                holding.setdefault(digest, []).append((release, digests))
        else:
            problems[release.id] = ManifestProblem(
                f"{release.id}: all its files are in {same.id} too, byte for byte; remove one of the two"
            )
    return problems


def changes_since(release: Release, landed: Mapping[str, str]) -> str | None:
    """What changed in a release's data files since they were taken in (file -> sha256); None where nothing did.

    A change that the manifest states, with the sha256 of every file, is deliberate: `add --replace` writes it so.
    """
    now = {file.name: file.sha256 for file in release.files}
    changes = [
        f"{name} {_change(landed.get(name), now.get(name))}"
        for name in sorted(landed.keys() | now.keys())
        if landed.get(name) != now.get(name)
    ]
    if not changes or release.is_stated:
        return None
    return (
        f"{release.id}: changed after it landed: {', '.join(changes)}; put it back as it was, "
        f"or accept the change with: sc-pipeline add --replace {_shell(release.path)}"
    )


def _change(before: str | None, after: str | None) -> str:
    return "was added" if before is None else "was removed" if after is None else "changed"


def _shell(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)
