"""Writes the description of the API into docs/openapi.json: ``python -m assay_hub.web.api.documentation``."""

import json
from pathlib import Path

from assay_hub.web.api.app import description

FILE = Path(__file__).parents[4] / "docs" / "openapi.json"


def text() -> str:
    """Return the file as it should be."""
    return json.dumps(description(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
