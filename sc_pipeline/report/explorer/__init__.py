"""The published tables -> the explorer: one page, one script and its data as scripts, to open from disk or any host."""

from pathlib import Path

import duckdb

from sc_pipeline.hashing import code_version, hash_of
from sc_pipeline.notes import Provenance
from sc_pipeline.report.explorer.cubes import read_cubes
from sc_pipeline.report.explorer.encode import script
from sc_pipeline.report.explorer.facts import read_facts
from sc_pipeline.report.explorer.page import explorer_page
from sc_pipeline.store import Store

_HERE = Path(__file__).parent
_BUNDLE = _HERE / "bundle"


# What the explorer shows comes from the published file, so its version is the one that counts.
TABLE = "explorer"
CODE_VERSION = code_version(_HERE, _HERE / "template.html", *sorted(_BUNDLE.iterdir()))


def build_explorer(published: Path, site: Path) -> list[Path]:
    """Write explorer.html, explorer.js and data/*.js into `site` and return their paths, sorted.

    The same tables give the same bytes. A data script of an earlier build that this one does not write is removed.
    """
    with duckdb.connect(published, read_only=True) as connection:
        facts, cubes = read_facts(connection), read_cubes(connection)
    texts = {"map": (_BUNDLE / "map.js").read_text(encoding="utf-8")}
    texts |= {name: script(name, cube) for name, cube in cubes.items()}
    texts["facts"] = script("facts", {**facts, "cubes": sorted(cubes)})
    pages = {
        site / "explorer.html": explorer_page((_BUNDLE / "explorer.css").read_text(encoding="utf-8"), facts),
        site / "explorer.js": (_BUNDLE / "explorer.js").read_text(encoding="utf-8"),
    }
    return _write(pages | {site / "data" / f"{name}.js": text for name, text in texts.items()}, site / "data")


def make_explorer(store: Store, site: Path, published: Path, provenance: Provenance) -> None:
    """Write the explorer into `site`, and note what it was made from."""
    made = build_explorer(published, site)
    store.record(TABLE, len(made), hash_of(provenance.inputs), provenance, site / "data")


def _write(files: dict[Path, str], data: Path) -> list[Path]:
    data.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    for old in set(data.glob("*.js")) - set(files):
        old.unlink()
    return sorted(files)
