"""Files a person has -> a release in raw/: what is in them, where they would go, then the copy with its manifest."""

import hashlib
import re
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sc_pipeline.add.findings import FoundFile, digest_file
from sc_pipeline.add.proposal import proposed
from sc_pipeline.add.rehearsal import rehearse
from sc_pipeline.errors import FileProblem, UsageError, UserError
from sc_pipeline.raw.folders import KINDS, all_files, data_files, is_document, is_temporary, normal, stem
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.known_files import KnownRelease
from sc_pipeline.raw.manifest import MANIFEST_NAME, Manifest, read_manifest
from sc_pipeline.raw.manifest_text import manifest_text
from sc_pipeline.raw.release import find_releases
from sc_pipeline.staged.vocabularies import load_words

_OLD = ".sc-pipeline-old"
_NEW = ".sc-pipeline-new"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Addition:
    """What `apply` would do: the release's folder, its files, the documents beside them, and its manifest."""

    release_id: str
    folder: Path
    replaces: Path | None
    files: tuple[FoundFile, ...]
    documents: tuple[tuple[str, Path], ...]
    removed: tuple[str, ...]
    known: KnownRelease | None
    manifest: Manifest
    old_text: str | None
    problem: str | None  # why the build would refuse it

    @property
    def manifest_text(self) -> str:
        """The release.toml to be written: what a person wrote in the old one stays."""
        text = manifest_text(self.manifest, self.old_text)
        guesses = []
        for file in self.files:
            columns = ", ".join(f'"{name}" = "{field}"' for name, field in file.guesses.items())
            line = f"# {file.name}: is it so? Then write under its [[files]]: columns = {{ {columns} }}\n"
            guesses += [line] if columns and line not in text else []
        return text + "".join(guesses)


def plan_addition(
    files: Sequence[Path],
    raw: Path,
    release_id: str | None = None,
    replace: bool = False,
    stated: Manifest | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Addition:
    """What adding these files (or all files of these folders) to raw/ as one release would do; nothing is written.

    `stated` is what the person says of the release; the old or given manifest and what is publicly known fill the rest.
    Raises UserError for files that cannot be one new release, UsageError for arguments that make no sense.
    """
    _mend(raw)
    sources = _gather(files)
    here = find_releases(raw) if raw.is_dir() else {}
    inside = _inside(sources, here)
    if inside and release_id in (None, inside):
        sources = _gather([here[inside]])  # naming one file of a release must not cost it the others
    found = _digested(sources, say)
    known = _one({file.known.release for file in found if file.known})
    chosen = release_id or inside or _new_id(known, files[0])
    current = {name.casefold(): (name, path) for name, path in here.items()}.get(chosen.casefold())
    _check_id(chosen, current, replace)
    _refuse_same_bytes(found, {name: path for name, path in here.items() if not current or name != current[0]})
    old = current[1] if current else None
    base_path = _base_path(sources, old)
    base = read_manifest(base_path) if base_path else Manifest()
    said, words = stated or Manifest(), load_words(raw.parent)
    documents = tuple(sorted((_documents(old) | _documents_of(sources)).items()))
    first = manifest_text(proposed(said, base, known, found, words))
    seen, problem = rehearse(chosen, found, documents, first, raw.parent)
    return Addition(
        release_id=current[0] if current else chosen,
        folder=raw / (current[0] if current else chosen),
        replaces=old,
        files=seen,
        documents=documents,
        removed=tuple(sorted(set(data_files(old)) - set(sources))) if old else (),
        known=known,
        manifest=proposed(said, base, known, seen, words),
        old_text=base_path.read_text(encoding="utf-8-sig") if base_path else None,
        problem=problem,
    )


def _gather(files: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for given in files:
        if not given.exists():
            raise UsageError(f"{given}: no such file; check the path")
        if given.is_dir():
            inside = {name: Path(entry.path) for name, entry in all_files(given).items()}
            inside = {name: path for name, path in inside.items() if not is_temporary(path.name)}
        else:
            inside = {normal(given.name): given}
        for name, path in inside.items():
            if is_temporary(name):
                raise UsageError(f"{path}: a hidden or temporary file; leave it out, or rename it if it is data")
            if found.setdefault(name, path) != path:
                raise UsageError(f"{name}: given twice, as {found[name]} and {path}; a release holds each name once")
    return dict(sorted(found.items()))


def _digested(sources: dict[str, Path], say: Callable[[str], None]) -> list[FoundFile]:
    found = []
    for name in [name for name in sources if not is_document(name)]:
        say(f"reading {name} ({sources[name].stat().st_size / 1e6:,.1f} MB)")
        found.append(digest_file(name, sources[name]))
    if not found:
        raise UsageError(f"none of these files may hold a table; add {KINDS}")
    return found


def _one(releases: set[KnownRelease]) -> KnownRelease | None:
    return releases.pop() if len(releases) == 1 else None


def _inside(sources: dict[str, Path], here: dict[str, Path]) -> str | None:
    """The release that all these files already lie in: they are to be taken as they are there now."""
    for release_id, path in here.items():
        root = path.resolve()
        if all(source.resolve() == root or root in source.resolve().parents for source in sources.values()):
            return release_id
    return None


def _new_id(known: KnownRelease | None, first: Path) -> str:
    if known:
        return known.release_id
    name = first.resolve().name if first.is_dir() else stem(first.name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _check_id(chosen: str, current: tuple[str, Path] | None, replace: bool) -> None:
    if current and not replace:
        raise UserError(
            f"{chosen}: this release is in {current[1].parent.name}/ already; "
            "name another with --release, or exchange its files with --replace"
        )
    if not current and replace:
        raise UserError(
            f"{chosen}: raw/ has no such release to replace; leave --replace out, or name it with --release"
        )
    usable = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,98}", chosen) and "..." not in chosen
    if not current and (not usable or is_temporary(chosen) or chosen.lower() == "readme"):
        raise UsageError(f'"{chosen}" cannot name a release; give --release with letters, digits, "-", "_" and "."')


def _refuse_same_bytes(found: Sequence[FoundFile], others: dict[str, Path]) -> None:
    """Files that are all in one other release are not a new release. Some may be: cumulative ones repeat old years."""
    sizes = {file.bytes for file in found}
    for release_id, folder in others.items():
        hashes = FileHashes(folder.parent)
        # Only files of the same size can be the same, so only these are read.
        same = {
            hashes.sha256(path)
            for path in data_files(folder).values()
            if path.is_file() and path.stat().st_size in sizes
        }
        if {file.sha256 for file in found} <= same:
            raise UserError(f"{found[0].name}: all these files are in {release_id} already, byte for byte")


def _base_path(sources: dict[str, Path], old: Path | None) -> Path | None:
    """The release.toml among the files given, else that of the release they replace."""
    given = sources.get(MANIFEST_NAME)
    if given is None and old is not None and (old / MANIFEST_NAME).is_file():
        given = old / MANIFEST_NAME
    return given


def _documents_of(sources: dict[str, Path]) -> dict[str, Path]:
    return {name: path for name, path in sources.items() if is_document(name) and name != MANIFEST_NAME}


def _documents(folder: Path | None) -> dict[str, Path]:
    """The letters, notes and corrections that stay when a release's data files are exchanged."""
    if folder is None or not folder.is_dir():
        return {}
    beside = {name: Path(entry.path) for name, entry in all_files(folder).items() if not is_temporary(entry.name)}
    return {name: path for name, path in beside.items() if name not in data_files(folder) and name != MANIFEST_NAME}


def apply(addition: Addition, say: Callable[[str], None] = lambda line: None) -> None:
    """Copy the files into raw/ and write their manifest. The release appears there at once, complete, or not at all.

    Raises FileProblem where a file changed since it was planned, UserError where raw/ cannot be written.
    """
    raw = addition.folder.parent
    new = raw / f".{addition.folder.name}{_NEW}"
    shutil.rmtree(new, ignore_errors=True)
    try:
        for file in addition.files:
            say(f"copying {file.name} ({file.bytes / 1e6:,.1f} MB)")
            if _copy(file.source, new / file.name) != file.sha256:
                raise FileProblem(f"{file.source}: changed while it was copied; wait until it is complete")
        for document, source in addition.documents:
            _copy(source, new / document)
        (new / MANIFEST_NAME).write_text(addition.manifest_text, encoding="utf-8")
        _swap(new, addition.folder, addition.replaces)
    except OSError as error:
        raise UserError(f"{error.filename or raw}: cannot be copied into {raw} ({error.strerror})") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _copy(source: Path, target: Path) -> str:
    """Copy a file and give the sha256 of what was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while piece := reading.read(_PIECE):
            digest.update(piece)
            writing.write(piece)
    return digest.hexdigest()


def _swap(new: Path, folder: Path, old: Path | None) -> None:
    """Put the new folder in the place of the old entry. Killed in between, `_mend` puts the old one back."""
    if old is not None:
        old.rename(old.with_name(f".{old.name}{_OLD}"))
    new.rename(folder)
    _mend(folder.parent)


def _mend(raw: Path) -> None:
    """Finish or undo exchanges: what was set aside goes if its successor is there, and comes back if it is not."""
    for aside in raw.glob(f".*{_OLD}"):
        original = aside.with_name(aside.name[1 : -len(_OLD)])
        successor = original if aside.is_dir() else original.with_name(stem(original.name))
        if not successor.exists():
            aside.rename(original)
        elif aside.is_dir():
            shutil.rmtree(aside)
        else:
            aside.unlink()
