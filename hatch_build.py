"""Refuses to make a wheel without what browsers load."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = (
    "hub/assay_hub/web/static/dist/assay.css",
    "hub/assay_hub/web/static/dist/bootstrap.css",
    "hub/assay_hub/web/static/dist/desk.js",
    "hub/assay_hub/web/static/dist/room.js",
    "extensions/assay_extension/labextension/@assay/workspace/package.json",
)
"""A file of each part that ``make frontend`` builds."""


class BrowserAssets(BuildHookInterface[Any]):
    """Looks before a wheel is made; an editable installation comes before the assets, and needs none."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Look for the assets.

        Raises:
            RuntimeError: they are not built; the text says what to do.
        """
        missing = [name for name in BUILT if not Path(self.root, name).is_file()]
        if missing and version != "editable":
            raise RuntimeError(f"The browser assets are not built ({missing[0]} is missing): make frontend")
