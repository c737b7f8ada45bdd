"""What several commands share: the folders of a project, the values an option may have, paths as they are shown."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sc_pipeline.errors import UsageError, visible
from sc_pipeline.project import open_project

# As in schemas/records.py, which takes a second to import.
POPULATIONS = ("ice", "sc")
FOLDERS = ("raw", "warehouse", "home")  # the options of `folders`, by the names of their values
FORMATS = ("csv", "parquet", "xlsx", "duckdb")  # as in warehouse/export.py
# As in simulate/: known productions, and habits of real files.
PRODUCTIONS = (
    "trac_secure_2019",
    "ice_removals_14_03290",
    "ice_removals_2012_2023",
    "ice_removals_uwchr",
    "ice_removals_2025_07",
    "ice_removals_2026_03",
    "ice_detainers_18038",
    "ice_detainers_2025_07",
    "ice_detainers_2026_03",
    "npr_detainers_originals",
)
HABITS = (
    "mixed_dates",
    "redactions",
    "null_marks",
    "stray_spaces",
    "duplicates",
    "late_detainers",
    "undated",
    "odd_msc_dates",
    "missing_ids",
)
SUBSETS = ("all", "convicted", "not_convicted", "level1", "detainer_linked")


def folders(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where the project is; the command gets them as one Project."""

    def with_workspace(*args: Any, raw: Path | None, warehouse: Path | None, home: Path | None, **options: Any) -> Any:
        return command(*args, open_project(raw, warehouse, home), **options)

    with_workspace.__name__, with_workspace.__doc__ = command.__name__, command.__doc__
    with_workspace.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    where = click.Path(file_okay=False, path_type=Path)
    with_project = click.option(
        "--project", "home", type=where, help="Folder of the project [default: $SC_PIPELINE_PROJECT, else this one]."
    )
    with_raw = click.option("--raw", type=where, help="Folder of releases [default: $SC_PIPELINE_RAW, else raw/].")
    with_warehouse = click.option(
        "--warehouse", type=where, help="Folder that is built [default: $SC_PIPELINE_WAREHOUSE, else warehouse/]."
    )
    return with_project(with_raw(with_warehouse(with_workspace)))


def refuse(names: Sequence[str], beside: str) -> None:
    """Raises UsageError where an option was given that would have no effect beside another."""
    context = click.get_current_context()
    given = [
        option.opts[0]
        for option in context.command.params
        if option.name in names and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise UsageError(f"{', '.join(given)}: no effect beside {beside}; leave it out")


def shown(path: Path) -> str:
    """The shortest form of a path from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def echo(*lines: str, err: bool = False) -> None:
    """Print lines that may hold what a stranger wrote."""
    for line in lines:
        click.echo(visible(line), err=err)
