"""Data and imports flow one way."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "sc_pipeline"
MODULES = sorted(PACKAGE.rglob("*.py"))
DAGSTER = {"definitions.py", "assets.py", "checks.py", "sensors.py"}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_only_four_files_import_dagster() -> None:
    importing = {path for path in MODULES if any(name.split(".")[0] == "dagster" for name in imports_of(path))}
    assert importing == {PACKAGE / name for name in DAGSTER}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_on_the_main_path_imports_what_sits_above_it(path: Path) -> None:
    allowed = {"definitions": {"cli.py", "build.py"}, "assets": DAGSTER, "checks": DAGSTER, "sensors": DAGSTER,
               "simulate": {"cli.py"}, "cli": set()}  # fmt: skip
    for module, importers in allowed.items():
        name = f"sc_pipeline.{module}"
        if any(found == name or found.startswith(f"{name}.") for found in imports_of(path)):
            inside = path.parent.name == module
            assert inside or path.name in importers, f"{path.name} imports {name}"


@pytest.mark.parametrize(
    "path", [*sorted((PACKAGE / "schemas").glob("*.py")), PACKAGE / "errors.py"], ids=lambda path: path.name
)
def test_schemas_and_errors_import_nothing_of_the_pipeline(path: Path) -> None:
    own = {name for name in imports_of(path) if name.startswith("sc_pipeline")}
    outside = {name for name in own if not name.startswith(("sc_pipeline.schemas", "sc_pipeline.errors"))}
    assert outside <= {"sc_pipeline"}
