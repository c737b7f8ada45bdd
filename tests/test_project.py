"""Where a project is and what it sets: folders, variables, sc_pipeline.toml, and what `init` makes."""

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from sc_pipeline import cli, sql
from sc_pipeline.defs import runs
from sc_pipeline.errors import UsageError
from sc_pipeline.look import Look
from sc_pipeline.project import Project, init_project, open_project
from sc_pipeline.project.settings import SETTINGS_FILE, TEMPLATE, Settings, read_settings
from sc_pipeline.warehouse import publish
from tests.builders import TRAC


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def folders(project: Project, below: Path) -> list[str]:
    return [folder.relative_to(below).as_posix() for folder in (project.raw, project.warehouse, project.home)]


# --- folders


def test_a_project_is_the_folder_one_is_in(tmp_path: Path) -> None:
    assert folders(open_project(), tmp_path) == ["raw", "warehouse", "."]


def test_what_is_given_goes_before_variables_and_these_before_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("SC_PIPELINE_PROJECT", "a")
    assert folders(open_project(), tmp_path) == ["a/raw", "a/warehouse", "a"]
    monkeypatch.setenv("SC_PIPELINE_RAW", "c")
    monkeypatch.setenv("SC_PIPELINE_WAREHOUSE", "d")
    assert folders(open_project(), tmp_path) == ["c", "d", "a"]
    assert folders(open_project(folder=Path("b")), tmp_path) == ["b/raw", "b/warehouse", "b"]
    assert folders(open_project(Path("e"), Path("f"), Path("b")), tmp_path) == ["e", "f", "b"]


def test_a_project_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"/nowhere: no such folder; make a project there with: sc-pipeline init$"):
        open_project(folder=Path("nowhere"))


# --- settings


def test_settings_are_read_and_variables_go_first(tmp_path: Path) -> None:
    path = tmp_path / SETTINGS_FILE
    assert read_settings(path, {}) == Settings()
    path.write_text('memory_limit = "4GB"\nthreads = 3\nwebhook = "http://127.0.0.1/x"\n')
    assert read_settings(path, {}) == Settings("4GB", 3, "http://127.0.0.1/x")
    variables = {"SC_PIPELINE_MEMORY_LIMIT": "512 MiB", "SC_PIPELINE_THREADS": "1", "SC_PIPELINE_WEBHOOK": ""}
    assert read_settings(path, variables) == Settings("512 MiB", 1, "http://127.0.0.1/x")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "memory = 1",
            "memory: no such setting; there are memory_limit, threads, webhook, site_url, engine, spark_master, "
            "workers, store, max_file_rows, rows_url",
        ),
        ("memory_limit = 4", 'memory_limit: must be a size such as "4GB"; found 4'),
        ('memory_limit = "much"', "memory_limit: must be a size such as \"4GB\"; found 'much'"),
        ("threads = 0", "threads: must be a whole number from 1 on; found 0"),
        (
            'store = "/x"',
            "store: must be an address that starts with s3://, gs://, abfs://, abfss://, file:///; found '/x'",
        ),
        ("workers = 0", "workers: must be a whole number from 1 on; found 0"),
        ("max_file_rows = 0.5", "max_file_rows: must be a whole number from 1 on; found 0.5"),
        ('rows_url = "s3://x"', "rows_url: must be an address that starts with https:// or http://; found 's3://x'"),
        ("threads = true", "threads: must be a whole number from 1 on; found True"),
        ('engine = "Spark"', "engine: must be duckdb or spark; found 'Spark'"),
        (
            'spark_master = "yarn"',
            "spark_master: must be local[*], local[N], spark://HOST:PORT or sc://HOST:PORT; found 'yarn'",
        ),
        ('webhook = "chat"', "webhook: must be an address that starts with https:// or http://; found 'chat'"),
        ("threads = ", "cannot be read: Invalid value (at end of document)"),
    ],
)
def test_what_is_no_setting_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(UsageError) as problem:
        open_project()
    assert str(problem.value) == f"{SETTINGS_FILE}: {says}"


def test_the_engine_is_one_setting(tmp_path: Path) -> None:
    assert (Settings().engine, Settings().spark_master) == ("duckdb", "local[*]")
    variables = {"SC_PIPELINE_ENGINE": "spark", "SC_PIPELINE_SPARK_MASTER": "spark://127.0.0.1:7077"}
    found = read_settings(tmp_path / SETTINGS_FILE, variables)
    assert (found.engine, found.spark_master) == ("spark", "spark://127.0.0.1:7077")
    for master in ("local", "local[4]", "sc://127.0.0.1:15002"):
        assert read_settings(tmp_path / SETTINGS_FILE, {"SC_PIPELINE_SPARK_MASTER": master}).spark_master == master


def test_a_variable_that_is_no_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^SC_PIPELINE_THREADS: must be a whole number from 1 on; found 'all'$"):
        read_settings(tmp_path / SETTINGS_FILE, {"SC_PIPELINE_THREADS": "all"})


def test_queries_and_publishing_keep_to_the_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "_engine", lambda: duckdb.connect())  # the limits are of the engine, which tests share
    (tmp_path / SETTINGS_FILE).write_text('memory_limit = "2GB"\nthreads = 1\n')
    look = Look(open_project())
    threads, memory_limit = look.limits
    with sql.connect({}, threads, memory_limit=memory_limit) as connection:
        asked = "select current_setting('threads'), current_setting('memory_limit')"
        assert connection.execute(asked).fetchall() == [(1, "1.8 GiB")]
    config = publish._config(look.project, 0)
    assert (config["threads"], config["memory_limit"]) == (1, "2GB")


# --- init


def init(*arguments: str) -> list[str]:
    result = CliRunner().invoke(cli.main, ["init", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_init_makes_a_project_with_the_release_that_ships(tmp_path: Path) -> None:
    assert init("mine") == [
        "wrote mine/raw/trac-2017-11",
        "wrote mine/raw/ice-yearly-totals",
        "wrote mine/sc_pipeline.toml",
        "next: cd mine && sc-pipeline build",
    ]
    assert {path.name: path.read_bytes() for path in (tmp_path / "mine" / "raw" / TRAC.name).iterdir()} == {
        path.name: path.read_bytes() for path in TRAC.iterdir()
    }
    assert open_project(folder=tmp_path / "mine").settings == Settings()


def test_every_setting_is_in_the_file_that_init_writes(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text(TEMPLATE.replace("# memory", "memory").replace("# thr", "thr"))
    assert read_settings(tmp_path / SETTINGS_FILE, {}) == Settings("1GB", 4)
    (tmp_path / SETTINGS_FILE).write_text(TEMPLATE.replace("# webhook", "webhook").replace("# site", "site"))
    settings = read_settings(tmp_path / SETTINGS_FILE, {})
    assert settings.webhook and settings.site_url
    (tmp_path / SETTINGS_FILE).write_text(TEMPLATE.replace("# workers", "workers").replace("# store", "store"))
    assert read_settings(tmp_path / SETTINGS_FILE, {}) == Settings(workers=2, store="s3://bucket/folder")


def test_init_leaves_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / SETTINGS_FILE).write_text("threads = 2\n")
    assert init() == [". is a project already; nothing was changed"]
    assert (tmp_path / SETTINGS_FILE).read_text() == "threads = 2\n"
    assert list((tmp_path / "raw").iterdir()) == []
    assert init("--empty", "other")[-1] == "next: cd other && sc-pipeline add FILE && sc-pipeline build"
    assert list((tmp_path / "other" / "raw").iterdir()) == []


# --- Dagster's settings


def test_dagsters_settings_are_written_once_and_edits_stay(tmp_path: Path) -> None:
    init_project(tmp_path, with_release=False)
    project = open_project()
    settings = project.dagster_home / "dagster.yaml"
    runs._settings(project)
    assert settings.read_bytes() == (Path(runs.__file__).parent / "dagster.yaml").read_bytes()
    settings.write_text("telemetry:\n  enabled: false\n# mine\n")
    runs._settings(project)
    assert settings.read_text().endswith("# mine\n")
