"""Dagster's webserver, which also serves the report and the explorer, and answers only requests to this machine's own
names that no other site's page makes.

Dagster has no login: a page on the web could name 127.0.0.1, or have its own name lead there, and start runs.
Run as `python -m sc_pipeline.defs.webserver` with the options of `dagster-webserver`.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dagster_webserver import cli
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocketClose

from sc_pipeline.project import UI_SITE, open_project

HOSTS = "SC_PIPELINE_UI_HOSTS"  # names of a proxy before it, separated by commas
_OWN = ("127.0.0.1", "localhost", "::1")
_Message = MutableMapping[str, Any]
_App = Callable[[_Message, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]], Awaitable[None]]


def refusal(headers: Headers, path: str) -> str | None:
    """Why a request is refused, or None."""
    allowed = {*_OWN, *(name.strip().lower() for name in os.environ.get(HOSTS, "").split(",") if name.strip())}
    host = _name(f"//{headers.get('host', '')}")
    if host not in allowed:
        return f"this is not a server of that name; set {HOSTS} to the name of the proxy before it"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host") and _name(origin) not in allowed - {*_OWN}:
        return "a page of another site may not ask this server"
    # A link to a page may be followed from anywhere; an image or a form of another site may ask nothing.
    is_link = headers.get("sec-fetch-mode") == "navigate" and not path.endswith("/graphql")
    if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not is_link:
        return "a page of another site may not ask this server"
    return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def guarded(app: _App) -> _App:
    """The app behind the check of each request."""

    async def answer(
        scope: _Message, receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
    ) -> None:
        why = refusal(Headers(raw=scope["headers"]), scope["path"]) if scope["type"] in ("http", "websocket") else None
        if why is None:
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008, reason=why)(scope, receive, send)
        else:
            await PlainTextResponse(why, status_code=403)(scope, receive, send)

    return answer


def with_site(app: _App, site: Path) -> _App:
    """The app, and the pages of a project's site under /site/."""
    pages = Starlette(routes=[Mount(UI_SITE, StaticFiles(directory=site, html=True, check_dir=False))])

    async def answer(
        scope: _Message, receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
    ) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{UI_SITE}/") and site.is_dir():
            await pages(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def main() -> None:
    """Dagster's own command, its app guarded: it offers no place to add a check of requests."""
    site = open_project().site
    create = cli.create_app_from_workspace_process_context  # pyright: ignore[reportPrivateImportUsage]

    def create_guarded(*given: Any, **named: Any) -> _App:
        return guarded(with_site(create(*given, **named), site))

    cli.create_app_from_workspace_process_context = create_guarded  # type: ignore[assignment]
    cli.main()


if __name__ == "__main__":
    main()
