"""The SQL in the docs and the answers below it: `make answers` writes them, tests hold them to what DuckDB prints."""

import contextlib
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from sc_pipeline.project import REPOSITORY
from tests.builders import demo_workspace, shipped_workspace

PAGES = ("README.md", "docs/querying.md", "docs/tracing.md")
# The line above an answer, and the warehouses that give it; without a line, it is of the shipped data.
LABELS = {
    None: ("shipped",),
    "On the shipped data:": ("shipped",),
    "On the demo, simulated:": ("demo",),
    "On the shipped data and on the demo:": ("shipped", "demo"),
}
# A block of SQL, or an answer to the one before it.
_BLOCK = re.compile(
    r"^```sql\n(?P<sql>.*?)^```$|(?:^(?P<label>[^\n`]+:)\n\n)?^```text\n(?P<answer>.*?)^```$", re.MULTILINE | re.DOTALL
)
_FILE = re.compile(r"^```csv (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(?:#+ |\*\*)(.+?)(?:\*\*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """One block of SQL, the heading above it, and the answer below it for each warehouse that has one."""

    page: str
    heading: str
    sql: str
    answers: dict[str, str] = field(default_factory=dict)


def queries() -> list[Query]:
    """The SQL blocks of all pages, in their order."""
    found = []
    for page in PAGES:
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        for block in _BLOCK.finditer(text):
            if block["sql"]:
                found.append(Query(page, _HEADING.findall(text[: block.start()])[-1], block["sql"]))
            else:
                found[-1].answers.update(dict.fromkeys(LABELS[block["label"]], block["answer"]))
    return found


def printed(warehouse: Path, sql: str) -> str:
    """What DuckDB prints of the last statement, read-only, beside the files that the pages ask a reader to save."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for page in PAGES:
            for name, text in _FILE.findall((REPOSITORY / page).read_text(encoding="utf-8")):
                Path(name).write_text(text, encoding="utf-8")
        with duckdb.connect(warehouse, read_only=True) as connection:
            lines = str(connection.sql(sql)).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip() + "\n"


def answered(text: str, warehouses: dict[str, Path]) -> str:
    """The text of a page, with each answer as its warehouse prints it now."""
    sql = ""

    def again(block: re.Match[str]) -> str:
        nonlocal sql
        if block["sql"]:
            sql = block["sql"]
            return block[0]
        above = f"{block['label']}\n\n" if block["label"] else ""
        warehouse = warehouses[LABELS[block["label"]][0]]
        return f"{above}```text\n{printed(warehouse, sql)}```"

    return _BLOCK.sub(again, text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = {
            "shipped": shipped_workspace(Path(folder, "shipped")).published,
            "demo": demo_workspace(Path(folder, "demo")).published,
        }
        for name in PAGES:
            path = REPOSITORY / name
            path.write_text(answered(path.read_text(encoding="utf-8"), made), encoding="utf-8")
