"""The scripts that stand inside the page templates of Notebook and JupyterLab, so that the policy can name them."""

import re
from collections.abc import Iterator
from pathlib import Path

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_scripts(folders: list[Path]) -> Iterator[str]:
    """Yield each different inline script of the templates in ``folders``; one with a placeholder cannot be named."""
    texts = (path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.html")))
    scripts = {script for text in texts for script in _INLINE.findall(text)}
    yield from sorted(script for script in scripts if "{{" not in script and "{%" not in script)
