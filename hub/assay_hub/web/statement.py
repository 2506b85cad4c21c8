"""Shows a task's Markdown on our own pages: a small, safe subset, no raw HTML."""

from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def rendered(text: str) -> Markup:
    """Return Markdown as HTML without anything that a browser would load or run, and without its own title."""
    title, _, rest = text.partition("\n")
    return Markup(_MARKDOWN.render(rest if title.startswith("# ") else text))  # noqa: S704  # raw HTML is off, so all text is escaped
