"""A task's Markdown on our own pages."""

import pytest

from assay_hub.web.statement import rendered


def test_a_task_loses_its_title_and_keeps_the_rest():
    assert rendered("# Shifts\n\nMerge *them*.") == "<p>Merge <em>them</em>.</p>\n"
    assert rendered("No title.") == "<p>No title.</p>\n"


@pytest.mark.parametrize(
    "hostile",
    ["<script>x</script>", "<img src=x onerror=x>", "[a](javascript:x)", "![a](http://x/y.png)", "<style>*{}</style>"],
)
def test_nothing_in_a_task_runs_or_loads(hostile):
    html = rendered(f"# T\n\n{hostile}")

    assert "<script" not in html
    assert "<img" not in html
    assert "<style" not in html
    assert 'href="javascript' not in html
