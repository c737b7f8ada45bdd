"""The tables of a project -> the files of <warehouse>/site, written only where something changed."""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sc_pipeline.project import Project
from sc_pipeline.report.inputs import FIGURE_INPUTS, REPORT_INPUTS
from sc_pipeline.report.rows import Rows, read_rows
from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.store import Store, hash_of, read_json, sha256_of, write_json

_HERE = Path(__file__).parent
_LIBRARIES = {name: importlib.metadata.version(name) for name in ("resvg_py", "jinja2")}
_CODE_FILES = sorted(path for path in (*_HERE.iterdir(), *(_HERE / "fonts").iterdir()) if path.is_file())
CODE_VERSION = hash_of([{path.name: sha256_of(path) for path in _CODE_FILES}, _LIBRARIES])[:12]

# What each step is made from, beside its code.
INPUTS = {"figures": FIGURE_INPUTS, "report": REPORT_INPUTS}
# The notes of what each step made: beside the site, which people copy to the web as it is.
_NOTES = ".report"
# How wide the PNG of a picture is, by the end of its name.
_WIDE_PIXELS, _PHONE_PIXELS = 1280, 780


@dataclass(frozen=True)
class Drawn:
    """What a report step leaves: its files, their version, whether it wrote them, and markdown for the asset page."""

    files: list[Path]
    version: str
    rewritten: bool
    markdown: str


def site(project: Project) -> Path:
    """The folder that holds the report, ready to be copied to any web host."""
    return project.warehouse / "site"


def is_current(project: Project) -> bool:
    """Whether figures and report are as the tables and this code would make them."""
    history = _history(project.published)
    wanted = {"figures": _inputs(project.store, FIGURE_INPUTS), "report": _report_inputs(project.store, history)}
    return all(_whole(project, step, made_from) is not None for step, made_from in wanted.items())


def make_figures(project: Project, run_id: str | None = None) -> Drawn:
    """Write <warehouse>/site/figures/<picture>.svg and .png; a PNG is drawn again only where its SVG changed."""
    made_from = _inputs(project.store, FIGURE_INPUTS)
    current = _whole(project, "figures", made_from)
    if current is None:
        # Here and below: the libraries that draw take a moment to import, and what is current needs none of them.
        from sc_pipeline.report.pictures import draw_pictures

        drawn = draw_pictures(read_rows(project.store, FIGURE_INPUTS))
        svgs = {f"figures/{name}": text for one in drawn.values() for name, text in one.files().items()}
        contents: dict[str, bytes] = {name: text.encode() for name, text in svgs.items()}
        pngs = {name.removesuffix(".svg") + ".png": _png(project, name, text) for name, text in svgs.items()}
        _settle(project, "figures", made_from, contents | pngs, run_id)
        current = _whole(project, "figures", made_from) or []
        rewritten = True
    else:
        rewritten = False
    shown = "\n".join(f"- `{file}`" for file in current if file.suffix == ".png" and not file.stem.endswith("-390"))
    return Drawn(current, hash_of(made_from), rewritten, shown)


def make_report(project: Project, run_id: str | None = None) -> Drawn:
    """Write <warehouse>/site/index.html and its tables. What changed is read from the published file."""
    history = _history(project.published)
    made_from = _report_inputs(project.store, history)
    current = _whole(project, "report", made_from)
    rewritten = current is None
    if current is None:
        from sc_pipeline.report.page import EXPLORER, report_page
        from sc_pipeline.report.pictures import draw_pictures

        make_figures(project, run_id)
        rows = read_rows(project.store, REPORT_INPUTS)
        page = report_page(rows, draw_pictures(rows), history, EXPLORER)
        contents = {"index.html": page.html.encode()}
        contents |= {f"tables/{name}": text.encode() for name, text in page.csv.items()}
        _settle(project, "report", made_from, contents, run_id)
        current = _whole(project, "report", made_from) or []
    return Drawn(current, hash_of(made_from), rewritten, f"The report: `{site(project) / 'index.html'}`")


def noted_inputs(project: Project, step: str) -> dict[str, str] | None:
    """The versions of the tables a step's files were last made from, or None where there are none."""
    note = read_json(_note(project, step))
    return {table: note["inputs"].get(table) for table in INPUTS[step]} if note else None


def _inputs(store: Store, tables: tuple[str, ...]) -> dict[str, str]:
    return {"code": CODE_VERSION, **{table: store.version(table) or "empty" for table in tables}}


def _report_inputs(store: Store, history: Rows) -> dict[str, str]:
    return {**_inputs(store, REPORT_INPUTS), "history": hash_of(history)}


def _history(published: Path) -> Rows:
    # changed_at is a clock; leaving it out keeps two builds' reports the same.
    wanted = [name for name in arrow_schema(meta.FigureHistory).names if name != "changed_at"]
    if not published.exists():
        return []
    with duckdb.connect(published, read_only=True) as connection:
        rows = connection.execute("select * from meta.figure_history").to_arrow_table()
    return rows.select(wanted).to_pylist()


def _png(project: Project, name: str, svg: str) -> bytes:
    """The PNG of an SVG: the one already there where this version of the library made it of the same SVG."""
    made = read_json(_note(project, "figures")) or {"files": {}, "library": None}
    there = {file: site(project) / file for file in (name, name.removesuffix(".svg") + ".png")}
    same_files = all(path.exists() and sha256_of(path) == made["files"].get(file) for file, path in there.items())
    if same_files and made.get("library") == _drawing() and there[name].read_text(encoding="utf-8") == svg:
        return there[name.removesuffix(".svg") + ".png"].read_bytes()
    from sc_pipeline.report.png import png

    return png(svg, _PHONE_PIXELS if name.endswith("-390.svg") else _WIDE_PIXELS)


def _drawing() -> str:
    """What a PNG depends on beside its SVG: the library, the fonts and how they are used."""
    files = [path for path in _CODE_FILES if path.name == "png.py" or path.parent.name == "fonts"]
    widths = (_WIDE_PIXELS, _PHONE_PIXELS)
    return hash_of([_LIBRARIES["resvg_py"], widths, {path.name: sha256_of(path) for path in files}])


def _note(project: Project, step: str) -> Path:
    return project.warehouse / _NOTES / f"{step}.json"


def _whole(project: Project, step: str, made_from: dict[str, str]) -> list[Path] | None:
    """The step's files where nothing they were made from changed and none was touched, else None."""
    note = read_json(_note(project, step)) or {"inputs": None, "files": {}}
    paths = {site(project) / name: sha256 for name, sha256 in note["files"].items()}
    whole = all(path.exists() and sha256_of(path) == sha256 for path, sha256 in paths.items())
    return sorted(paths) if note["inputs"] == made_from and whole else None


def _settle(
    project: Project, step: str, made_from: dict[str, str], contents: Mapping[str, bytes], run_id: str | None
) -> None:
    """Write the files that differ, remove those an earlier version left, and note what they were made from."""
    earlier = read_json(_note(project, step)) or {"files": {}}
    for name in earlier["files"].keys() - contents.keys():
        (site(project) / name).unlink(missing_ok=True)
    for name, content in contents.items():
        path = site(project) / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.tmp")
            temporary.write_bytes(content)
            temporary.replace(path)
    _note(project, step).parent.mkdir(parents=True, exist_ok=True)
    files = {name: sha256_of(site(project) / name) for name in sorted(contents)}
    made = {"inputs": made_from, "files": files, "run_id": run_id, "library": _drawing()}
    write_json(_note(project, step), made)
