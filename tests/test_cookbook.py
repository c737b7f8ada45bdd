"""A reader who pastes a query from the docs gets the answer printed there."""

import re
import subprocess
import sys

import pytest

from sc_pipeline.project import REPOSITORY, Project
from tests.builders import IS_FULL
from tests.cookbook import PAGES, Query, answered, printed, queries
from tests.test_docs import PROSE

QUERIES = queries()
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
QUERYING = (REPOSITORY / "docs" / "querying.md").read_text(encoding="utf-8")
COMMAND = re.findall(r"^\.venv/bin/sc-pipeline query .*$", README, re.MULTILINE)


def with_answer(data: str) -> list[Query]:
    return [query for query in QUERIES if data in query.answers]


def name(query: Query) -> str:
    return f"{query.heading}-{QUERIES.index(query)}"


@pytest.mark.parametrize("query", with_answer("shipped"), ids=name)
def test_the_shipped_data_give_the_answer_printed(query: Query, shipped_once: Project) -> None:
    assert printed(shipped_once.published, query.sql) == query.answers["shipped"], "run `make answers`"


@pytest.mark.skipif(not IS_FULL, reason="the answers are of the whole demo: SC_PIPELINE_ENDURANCE=full")
@pytest.mark.parametrize("query", with_answer("demo"), ids=name)
def test_the_demo_gives_the_answer_printed(query: Query, demo_once: Project) -> None:
    assert printed(demo_once.published, query.sql) == query.answers["demo"], "run `make answers`"


@pytest.mark.parametrize("query", [query for query in QUERIES if "shipped" not in query.answers], ids=name)
def test_where_no_answer_of_the_shipped_data_is_printed_they_have_no_row(query: Query, shipped_once: Project) -> None:
    last_line = printed(shipped_once.published, query.sql).splitlines()[-1].strip()
    assert query.page != "docs/querying.md" or last_line == "0 rows"


def test_where_both_give_one_answer_the_page_says_so_once() -> None:
    twice = [query for query in QUERIES if len(query.answers) == 2]
    same = [query for query in twice if query.answers["shipped"] == query.answers["demo"]]
    text = "\n".join((REPOSITORY / page).read_text(encoding="utf-8") for page in PAGES)
    assert text.count("On the shipped data and on the demo:") == len(same)


def test_every_block_of_sql_in_the_docs_is_run() -> None:
    with_sql = [page for page in PROSE if "```sql" in page.read_text(encoding="utf-8")]
    assert sorted(page.relative_to(REPOSITORY).as_posix() for page in with_sql) == sorted(PAGES)
    blocks = sum(page.read_text(encoding="utf-8").count("```sql") for page in with_sql)
    assert len(QUERIES) == blocks


def test_thirty_questions_are_each_answered() -> None:
    questions = re.findall(r"^### (\d+)\. .*\?$", QUERYING, re.MULTILINE)
    assert questions == [str(number) for number in range(1, 31)]
    asked = [query for query in QUERIES if query.page == "docs/querying.md"]
    assert {query.heading.split(".")[0] for query in asked if query.answers} == set(questions)
    assert [query.heading for query in asked if not query.answers] == []


def test_answers_are_shown_whole() -> None:
    # DuckDB leaves out columns (…), rows (shown) or breaks a cell over lines (a second rule) where a box is too large.
    for query in QUERIES:
        for answer in query.answers.values():
            assert "…" not in answer and "shown" not in answer, query.heading
            assert answer.count("├") <= 1, query.heading


def test_answers_that_went_stale_are_written_again(shipped_once: Project) -> None:
    stale = README.replace("contradicted", "confirmed").replace("97 │ reported", "98 │ reported")
    assert stale != README
    assert answered(stale, {"shipped": shipped_once.published}) == README


def test_the_command_in_the_readme_prints_its_three_answers(shipped_once: Project) -> None:
    (command,) = COMMAND
    folder = shipped_once.warehouse.parent
    asked = [query for query in QUERIES if query.page == "README.md"]
    assert len(asked) == 3
    for query in asked:
        line = command.replace(".venv/bin/sc-pipeline", f"{sys.executable} -m sc_pipeline.cli").replace(
            "QUERY", query.sql.strip()
        )
        ran = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False)
        assert (ran.stdout.strip(), ran.stderr) == (query.answers["shipped"].strip(), ""), query.heading
