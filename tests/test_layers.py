"""Data and imports flow one way, and heavy libraries are imported only where there is work for them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from sc_pipeline import cli
from sc_pipeline.project import Project
from sc_pipeline.settled import fingerprint, settle

PACKAGE = Path(__file__).resolve().parent.parent / "sc_pipeline"
MODULES = sorted(PACKAGE.rglob("*.py"))
ROOMS = ("raw", "staged", "core", "marts", "warehouse", "report")
# From the top of the house down: each module imports only what comes after it, apart from what is named below.
FLOORS = (
    ("cli", "commands"),
    ("definitions", "release_process"),
    ("defs",),
    ("plan", "add"),
    ("look",),
    ROOMS,
    ("tables",),
    ("store", "sql", "settled"),
    ("project", "machine", "prefetch", "side_by_side", "hashing", "schemas", "reference"),
    ("limits",),
    ("errors",),
)
# The build of the command line is runs of Dagster, imported when one is needed; `add` and `simulate` are programs.
ALLOWED = {("commands", "simulate"), ("defs", "definitions")}
HEAVY = ("dagster", "pandera", "pandas", "polars", "duckdb", "pyarrow", "sqlglot", "pyspark")


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def part_of(path: Path) -> str:
    """The room or module of the house that a file belongs to."""
    inside = path.relative_to(PACKAGE)
    return inside.parts[0].removesuffix(".py")


def own_imports(path: Path) -> set[str]:
    """The rooms and modules that a file imports, its own left out."""
    parts = {name.split(".")[1] for name in imports_of(path) if name.startswith("sc_pipeline.")}
    return {part for part in parts if (PACKAGE / part).exists() or (PACKAGE / f"{part}.py").exists()} - {part_of(path)}


def floor_of(part: str) -> int | None:
    return next((number for number, floor in enumerate(FLOORS) if part in floor), None)


def test_every_part_of_the_house_is_on_a_floor() -> None:
    parts = {part_of(path) for path in MODULES if path.name != "__init__.py" or path.parent != PACKAGE}
    assert {part for part in parts if floor_of(part) is None} == {"simulate"}


def test_only_the_definitions_import_dagster() -> None:
    importing = {part_of(path) for path in MODULES if any(name.split(".")[0] == "dagster" for name in imports_of(path))}
    assert importing == {"definitions", "defs"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_imports_what_is_above_it(path: Path) -> None:
    mine = part_of(path)
    if mine == "simulate" or path == PACKAGE / "__init__.py":
        return
    floor = floor_of(mine)
    assert floor is not None
    above = {
        part
        for part in own_imports(path)
        if (below := floor_of(part)) is None or below < floor
        if (mine, part) not in ALLOWED
    }
    assert above == set()


@pytest.mark.parametrize(
    "path", [path for path in MODULES if part_of(path) in ROOMS], ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_no_room_imports_one_after_it(path: Path) -> None:
    mine = part_of(path)
    later = ROOMS[ROOMS.index(mine) + 1 :]
    assert own_imports(path) & set(later) == set()


def test_errors_import_nothing_of_the_pipeline_and_schemas_only_each_other() -> None:
    assert own_imports(PACKAGE / "errors.py") == set()
    assert {name for path in (PACKAGE / "schemas").glob("*.py") for name in own_imports(path)} <= {"errors"}


def imported_by(*arguments: str, cwd: Path) -> set[str]:
    """The heavy libraries that a Python process has imported when it ends well."""
    environment = {"PYTHONPATH": str(PACKAGE.parent), "PATH": ""}
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert done.returncode == 0, done.stderr.splitlines()[-3:]
    assert len(lines) > 20
    return {line.rpartition("|")[2].strip().split(".")[0] for line in lines} & set(HEAVY)


def test_importing_the_package_and_asking_for_help_import_nothing_heavy(tmp_path: Path) -> None:
    assert imported_by("-c", "import sc_pipeline", cwd=tmp_path) == set()
    for command in ([], *([name] for name in cli.main.commands)):
        assert imported_by("-m", "sc_pipeline.cli", *command, "--help", cwd=tmp_path) == set(), command


def test_a_build_with_nothing_to_do_imports_nothing_heavy(shipped: Project) -> None:
    settle(shipped, fingerprint(shipped), [])
    folders = ["--raw", str(shipped.raw), "--warehouse", str(shipped.warehouse)]
    assert imported_by("-m", "sc_pipeline.cli", "build", *folders, cwd=shipped.raw) == set()
