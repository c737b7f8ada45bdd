"""The tables of a workspace -> the files of <warehouse>/report, written only where something changed."""

import base64
import importlib.metadata
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sc_pipeline.project import Project
from sc_pipeline.report.inputs import FIGURE_INPUTS, REPORT_INPUTS
from sc_pipeline.report.rows import Picture, Rows, read_rows
from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.store import Store, hash_of, read_json, sha256_of, write_json

_HERE = Path(__file__).parent
_LIBRARIES = {name: importlib.metadata.version(name) for name in ("matplotlib", "jinja2")}
_CODE_FILES = sorted(path for path in _HERE.iterdir() if path.suffix in {".py", ".html"})
CODE_VERSION = hash_of([{path.name: path.read_text(encoding="utf-8") for path in _CODE_FILES}, _LIBRARIES])[:12]

# What each step is made from, beside its code.
INPUTS = {"figures": FIGURE_INPUTS, "report": REPORT_INPUTS}
_PREVIEWS = "previews"  # small enough to stand in the metadata of a run
_PARTS, _WORDS = "parts", "parts/words.json"  # the pictures as the page shows them


@dataclass(frozen=True)
class Drawn:
    """What a report step leaves: its files, their version, whether it wrote them, and markdown for the asset page."""

    files: list[Path]
    version: str
    rewritten: bool
    markdown: str


def is_current(project: Project) -> bool:
    """Whether figures and report stand as the tables and this code would make them."""
    folder, history = project.warehouse / "report", _history(project.published)
    figures_from, report_from = _inputs(project.store, FIGURE_INPUTS), _report_inputs(project.store, history)
    return all(_standing(folder, step, made_from) is not None
               for step, made_from in (("figures", figures_from), ("report", report_from)))  # fmt: skip


def make_figures(project: Project, run_id: str | None = None) -> Drawn:
    """Write <warehouse>/report/<figure>.svg and .png."""
    folder = project.warehouse / "report"
    made_from = _inputs(project.store, FIGURE_INPUTS)
    stands = _standing(folder, "figures", made_from)
    if stands is None:
        # Here and below: the drawing library takes a second to import, and what stands needs none of it.
        from sc_pipeline.report.figures import draw_figures

        drawn = draw_figures(read_rows(project.store, FIGURE_INPUTS))
        for old in (*folder.rglob("*.svg"), *folder.rglob("*.png")):
            old.unlink()
        contents = {f"{name}.svg": figure.svg.encode() for name, figure in drawn.items()}
        contents |= {f"{name}.png": figure.png for name, figure in drawn.items()}
        contents |= {f"{_PREVIEWS}/{name}.png": figure.preview for name, figure in drawn.items()}
        contents |= {f"{_PARTS}/{name}.svg": figure.bare.encode() for name, figure in drawn.items()}
        words = {name: {"title": figure.title, "caption": figure.caption} for name, figure in drawn.items()}
        contents[_WORDS] = json.dumps(words, indent=1).encode()
        _write(folder, contents)
        _note(folder, "figures", made_from, sorted(contents), run_id)
    files = sorted(_standing(folder, "figures", made_from) or [], key=lambda file: (file.stem != "figure1", file))
    shown = [f"![{file.stem}](data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()})"
             for file in files if file.parent.name == _PREVIEWS]  # fmt: skip
    return Drawn(files, hash_of(made_from), stands is None, "\n\n".join(shown))


def make_report(project: Project, run_id: str | None = None) -> Drawn:
    """Write <warehouse>/report/index.html; what changed is read from the published file, where there is one."""
    folder = project.warehouse / "report"
    history = _history(project.published)
    made_from = _report_inputs(project.store, history)
    stands = _standing(folder, "report", made_from)
    if stands is None:
        from sc_pipeline.report.page import report_page

        make_figures(project, run_id)
        rows = read_rows(project.store, REPORT_INPUTS)
        _write(folder, {"index.html": report_page(rows, _pictures(folder), history).encode()})
        _note(folder, "report", made_from, ["index.html"], run_id)
    files = _standing(folder, "report", made_from) or []
    return Drawn(files, hash_of(made_from), stands is None, f"The report: `{files[0]}`")


def _pictures(folder: Path) -> dict[str, Picture]:
    words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
    return {
        name: Picture((folder / _PARTS / f"{name}.svg").read_text(encoding="utf-8"), **said)
        for name, said in words.items()
    }


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


def noted_inputs(project: Project, step: str) -> dict[str, str] | None:
    """The versions of the tables a step's files were last made from, or None where there are none."""
    note = project.warehouse / "report" / f"{step}.json"
    said = read_json(note)
    return {table: said["inputs"].get(table) for table in INPUTS[step]} if said else None


def _standing(folder: Path, step: str, made_from: dict[str, str]) -> list[Path] | None:
    """The files as they stand where nothing they were made from changed and none was touched, else None."""
    note = folder / f"{step}.json"
    said = read_json(note) or {"inputs": None, "files": {}}
    paths = {folder / name: sha256 for name, sha256 in said["files"].items()}
    whole = all(path.exists() and sha256_of(path) == sha256 for path, sha256 in paths.items())
    return sorted(paths) if said["inputs"] == made_from and whole else None


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_bytes(content)
        temporary.replace(path)


def _note(folder: Path, step: str, made_from: dict[str, str], names: list[str], run_id: str | None) -> None:
    files = {name: sha256_of(folder / name) for name in names}
    write_json(folder / f"{step}.json", {"inputs": made_from, "files": files, "run_id": run_id})
