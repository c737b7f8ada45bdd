"""`dagster dev` with the guarded webserver in place of Dagster's own.

Run as `python -m sc_pipeline.defs.ui` with the options of `dagster dev`.
"""

from typing import Any

from dagster._cli import dev

# Dagster offers no other place to name the webserver that it starts; pyproject.toml keeps to this minor version.
_own = dev.open_ipc_subprocess  # pyright: ignore[reportPrivateImportUsage]


def _with_guard(arguments: list[str], **options: Any) -> Any:
    guarded = ["sc_pipeline.defs.webserver" if each == "dagster_webserver" else each for each in arguments]
    return _own(guarded, **options)


if __name__ == "__main__":
    dev.open_ipc_subprocess = _with_guard  # pyright: ignore[reportPrivateImportUsage]
    dev.dev_command()
