"""The published tables -> the explorer: one page, one script and its data as scripts, to open from disk or any host."""

from pathlib import Path

import duckdb

from sc_pipeline.hashing import code_version, hash_of
from sc_pipeline.project import Project
from sc_pipeline.report.explorer.cubes import read_cubes
from sc_pipeline.report.explorer.encode import script
from sc_pipeline.report.explorer.facts import read_facts
from sc_pipeline.report.explorer.page import explorer_page
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from sc_pipeline.warehouse.published import open_published

_HERE = Path(__file__).parent
_BUNDLE = _HERE / "bundle"


# What the explorer shows comes from the published file, so its version is the one that counts.
TABLE = "explorer"
CODE_VERSION = code_version(_HERE, _HERE / "template.html", *sorted(_BUNDLE.iterdir()))


def build_explorer(connection: duckdb.DuckDBPyConnection, site: Path) -> list[Path]:
    """Write explorer.html, explorer.js and data/*.js of an open published file into `site`; their paths, sorted.

    The same tables give the same bytes. A data script of an earlier build that this one does not write is removed.
    """
    facts, cubes = read_facts(connection), read_cubes(connection)
    texts = {"map": (_BUNDLE / "map.js").read_text(encoding="utf-8")}
    texts |= {name: script(name, cube) for name, cube in cubes.items()}
    texts["facts"] = script("facts", {**facts, "cubes": sorted(cubes)})
    pages = {
        site / "explorer.html": explorer_page((_BUNDLE / "explorer.css").read_text(encoding="utf-8"), facts),
        site / "explorer.js": (_BUNDLE / "explorer.js").read_text(encoding="utf-8"),
    }
    return _write(pages | {site / "data" / f"{name}.js": text for name, text in texts.items()}, site / "data")


def make_explorer(project: Project, store: Store, provenance: Provenance) -> None:
    """Write the explorer into the project's site, and note what it was made from."""
    with open_published(project) as connection:
        made = build_explorer(connection, project.site)
    store.record(TABLE, len(made), hash_of(provenance.inputs), provenance, project.site / "data")


def _write(files: dict[Path, str], data: Path) -> list[Path]:
    data.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    for old in set(data.glob("*.js")) - set(files):
        old.unlink()
    return sorted(files)
