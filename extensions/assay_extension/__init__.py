"""The Jupyter server extension of a workspace: manifest, recorder, snapshot."""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .app import WorkspaceApp  # noqa: PLC0415 - the package is imported where no Jupyter server is installed

    return [{"module": "assay_extension.app", "app": WorkspaceApp}]
