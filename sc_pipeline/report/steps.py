"""The tables of a warehouse -> the files of its site: pictures and the report."""

import importlib.metadata
import json
from pathlib import Path

import duckdb

from sc_pipeline.hashing import hash_of
from sc_pipeline.report.inputs import FIGURE_INPUTS as FIGURE_INPUTS
from sc_pipeline.report.inputs import REPORT_INPUTS as REPORT_INPUTS
from sc_pipeline.report.rows import Picture, Rows, read_rows
from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.store import Provenance, Store

_HERE = Path(__file__).parent
_LIBRARIES = {name: importlib.metadata.version(name) for name in ("matplotlib", "jinja2")}
_CODE_FILES = sorted(path for path in _HERE.iterdir() if path.suffix in {".py", ".html"})
CODE_VERSION = hash_of([{path.name: path.read_text(encoding="utf-8") for path in _CODE_FILES}, _LIBRARIES])[:12]
_PARTS, _WORDS = "parts", "parts/words.json"  # the pictures as the page shows them


def make_figures(store: Store, site: Path, provenance: Provenance) -> None:
    """Write <site>/figures/<figure>.svg and .png."""
    # Here and below: the drawing library takes a second to import, and what is current needs none of it.
    from sc_pipeline.report.figures import draw_figures

    folder = site / "figures"
    drawn = draw_figures(read_rows(store, FIGURE_INPUTS))
    for old in (*folder.rglob("*.svg"), *folder.rglob("*.png")):
        old.unlink()
    contents = {f"{name}.svg": figure.svg.encode() for name, figure in drawn.items()}
    contents |= {f"{name}.png": figure.png for name, figure in drawn.items()}
    contents |= {f"{_PARTS}/{name}.svg": figure.bare.encode() for name, figure in drawn.items()}
    words = {name: {"title": figure.title, "caption": figure.caption} for name, figure in drawn.items()}
    contents[_WORDS] = json.dumps(words, indent=1).encode()
    _write(folder, contents)
    store.record("figures", len(drawn), hash_of(provenance.inputs), provenance, folder)


def make_report(store: Store, site: Path, published: Path, provenance: Provenance) -> None:
    """Write <site>/index.html; what changed is read from the published file, where there is one."""
    from sc_pipeline.report.page import report_page

    page = report_page(read_rows(store, REPORT_INPUTS), _pictures(site / "figures"), _history(published))
    _write(site, {"index.html": page.encode()})
    store.record("report", 1, hash_of(provenance.inputs), provenance, site / "index.html")


def _pictures(folder: Path) -> dict[str, Picture]:
    words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
    return {
        name: Picture((folder / _PARTS / f"{name}.svg").read_text(encoding="utf-8"), **said)
        for name, said in words.items()
    }


def _history(published: Path) -> Rows:
    # changed_at is a clock; leaving it out keeps two builds' reports the same.
    wanted = [name for name in arrow_schema(meta.FigureHistory).names if name != "changed_at"]
    if not published.exists():
        return []
    with duckdb.connect(published, read_only=True) as connection:
        rows = connection.execute("select * from meta.figure_history").to_arrow_table()
    return rows.select(wanted).to_pylist()


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_bytes(content)
        temporary.replace(path)
