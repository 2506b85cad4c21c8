"""Writes the table of all settings into docs/operations.md: ``python -m assay_config.documentation``."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from assay_config.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
_PLACE = re.compile(r"(<!-- settings: begin[^>]*-->\n).*(<!-- settings: end -->)", re.DOTALL)


def table() -> str:
    """Return one row a setting: its name, its default and what it is for."""
    rows = [f"| `{name}` | {default} | {description} |" for name, default, description in _rows(Settings, "")]
    return "\n".join(["| setting | default | what for |", "|---|---|---|", *rows]) + "\n"


def page(text: str) -> str:
    """Return the page with a fresh table in its place."""
    return _PLACE.sub(lambda found: found[1] + table() + found[2], text)


def _rows(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _rows(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _default(field.get_default(call_default_factory=True)), field.description or ""


def _default(value: Any) -> str:
    if value is PydanticUndefined or value in (None, "", {}, ()):
        return "–"
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
