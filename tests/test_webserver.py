"""The UI answers this machine's own names and its own pages, and nobody else's."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from sc_pipeline.defs.webserver import HOSTS, guarded, refusal, with_site

OWN = {"host": "127.0.0.1:3000"}


@pytest.mark.parametrize(
    "headers",
    [
        OWN,
        {"host": "localhost:3000"},
        {"host": "[::1]:3000"},
        {"host": "LOCALHOST"},
        OWN | {"origin": "http://127.0.0.1:3000"},
        OWN | {"sec-fetch-site": "same-origin"},
        OWN | {"sec-fetch-site": "none"},
    ],
)
def test_its_own_names_and_pages_are_answered(headers: dict[str, str]) -> None:
    assert refusal(Headers(headers), "/graphql") is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:3000"},
        {"host": "localhost@evil.example"},
        {"host": "[::1"},
        OWN | {"origin": "http://evil.example"},
        OWN | {"origin": "null"},
        OWN | {"origin": "http://127.0.0.1:8000"},
        OWN | {"sec-fetch-site": "cross-site"},
        OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
def test_other_names_and_the_pages_of_other_sites_are_not(headers: dict[str, str]) -> None:
    assert refusal(Headers(headers), "/graphql") is not None


def test_a_link_to_a_page_may_be_followed_from_another_site() -> None:
    headers = Headers(OWN | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"})
    assert refusal(headers, "/runs/1") is None


def test_a_proxy_is_named_by_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = Headers({"host": "pipeline.example.org", "origin": "https://pipeline.example.org"})
    assert refusal(headers, "/graphql") is not None
    monkeypatch.setenv(HOSTS, "other.example, pipeline.example.org")
    assert refusal(headers, "/graphql") is None


@pytest.mark.parametrize(("kind", "sent"), [("http", "http.response.start"), ("websocket", "websocket.close")])
def test_what_is_refused_never_reaches_the_app(kind: str, sent: str) -> None:
    messages: list[Any] = []

    async def app(*_: Any) -> None:
        raise AssertionError("asked")

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        return {}

    scope = {"type": kind, "headers": [(b"host", b"evil.example")], "path": "/graphql"}
    asyncio.run(guarded(app)(scope, receive, send))  # type: ignore[arg-type]
    assert messages[0]["type"] == sent
    assert messages[0].get("status", 403) == 403


def test_the_site_is_served_beside_the_ui_and_nothing_else_of_the_warehouse(tmp_path: Path) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("the UI")(scope, receive, send)

    def answer(path: str, method: str = "GET") -> tuple[int, bytes]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return await asyncio.Event().wait()

        scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
        asyncio.run(with_site(app, tmp_path / "site")(scope, receive, send))  # type: ignore[arg-type]
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)

    assert answer("/site/index.html") == (200, b"the UI"), "before anything is built"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("the report")
    (tmp_path / "sc_pipeline.duckdb").write_text("rows")
    assert answer("/site/index.html") == answer("/site/") == (200, b"the report")
    assert answer("/sites") == answer("/runs") == (200, b"the UI")
    assert [answer(path)[0] for path in ("/site/none.html", "/site/../sc_pipeline.duckdb", "/site//etc/passwd")] == [
        404
    ] * 3
    assert answer("/site/index.html", "POST")[0] == 405
