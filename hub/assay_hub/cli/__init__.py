"""The command ``assay``."""

from assay_hub.cli.main import main

__all__ = ["main"]
