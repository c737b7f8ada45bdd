"""The tables of a warehouse -> the files of its site: pictures and the report, written only where they differ."""

import importlib.metadata
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from sc_pipeline import reference
from sc_pipeline.hashing import hash_of, sha256_of
from sc_pipeline.report.inputs import FIGURE_INPUTS as FIGURE_INPUTS
from sc_pipeline.report.inputs import REPORT_INPUTS as REPORT_INPUTS
from sc_pipeline.report.rows import Rows, read_rows
from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance

FIGURES, REPORT = "figures", "report"  # as the store's notes call them
_HERE = Path(__file__).parent
_LIBRARIES = {name: importlib.metadata.version(name) for name in ("resvg_py", "jinja2")}
_FILES = (*_HERE.iterdir(), *(_HERE / "fonts").iterdir(), reference.path_of("offense_levels"))
_CODE_FILES = sorted(path for path in _FILES if path.is_file())
CODE_VERSION = hash_of([{path.name: sha256_of(path) for path in _CODE_FILES}, _LIBRARIES])[:12]
# How wide the PNG of a picture is, by the end of its name.
_WIDE_PIXELS, _PHONE_PIXELS = 1280, 780


def make_figures(store: Store, site: Path, provenance: Provenance) -> None:
    """Write <site>/figures/<picture>.svg and .png; a PNG is drawn again only where its SVG, or the code, changed."""
    # Here and below: the libraries that draw take a moment to import, and what is current needs none of them.
    from sc_pipeline.report.pictures import draw_pictures

    note, folder = store.note(FIGURES), site / FIGURES
    same_code = note is not None and note.code == provenance.code
    drawn = draw_pictures(read_rows(store, FIGURE_INPUTS))
    svgs = {name: text for picture in drawn.values() for name, text in picture.files().items()}
    for name, text in svgs.items():
        svg, png = folder / name, (folder / name).with_suffix(".png")
        if not (same_code and png.exists() and svg.exists() and svg.read_text(encoding="utf-8") == text):
            _write(png, _png(name, text))
            _write(svg, text.encode())
    _leave_only(folder, [name for svg in svgs for name in (svg, f"{svg.removesuffix('.svg')}.png")])
    store.record(FIGURES, len(drawn), hash_of(provenance.inputs), provenance, folder)


def _png(name: str, svg: str) -> bytes:
    from sc_pipeline.report.png import png

    return png(svg, _PHONE_PIXELS if name.endswith("-390.svg") else _WIDE_PIXELS)


def make_report(store: Store, site: Path, published: Path, provenance: Provenance) -> None:
    """Write <site>/index.html and its tables; what changed is read from the published file, where there is one."""
    from sc_pipeline.report.page import EXPLORER, report_page
    from sc_pipeline.report.pictures import draw_pictures

    rows = read_rows(store, REPORT_INPUTS)
    page = report_page(rows, draw_pictures(rows), _history(published), EXPLORER)
    contents: Mapping[str, bytes] = {name: text.encode() for name, text in page.csv.items()}
    for name, content in contents.items():
        _write(site / "tables" / name, content)
    _leave_only(site / "tables", contents)
    _write(site / "index.html", page.html.encode())
    store.record(REPORT, 1, hash_of(provenance.inputs), provenance, site / "index.html")


def _history(published: Path) -> Rows:
    # changed_at is a clock; leaving it out keeps two builds' reports the same.
    wanted = [name for name in arrow_schema(meta.FigureHistory).names if name != "changed_at"]
    if not published.exists():
        return []
    with duckdb.connect(published, read_only=True) as connection:
        rows = connection.execute("select * from meta.figure_history").to_arrow_table()
    return rows.select(wanted).to_pylist()


def _write(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old or the new one; one that is the same is left alone."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def _leave_only(folder: Path, names: Iterable[str]) -> None:
    """Remove what an earlier version of the page or of the data left in a folder."""
    kept = set(names)
    for path in folder.glob("*"):
        if path.name not in kept:
            path.unlink()
