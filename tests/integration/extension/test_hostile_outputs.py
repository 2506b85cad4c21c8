"""What a candidate's output may do in the page of another participant: show itself, and run nothing.

The cells here are run by the person who looks, so that Jupyter itself trusts them: what is left is the policy, and for
outputs that the page itself would evaluate, the labextension that takes their renderers away.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from integration.extension.served import Server, manifest, notebook
from playwright.sync_api import Browser, Page

SHOWN = {
    "chart": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
    "table": "import pandas as pd\npd.DataFrame({'column': [1, 2]})",
    "slider": "import ipywidgets\nipywidgets.IntSlider(description='how many')",
}
HOSTILE = {
    "script element": "HTML('<script>top.ran.push(1)</script>')",
    "handler": "HTML('<img src=x onerror=\"top.ran.push(2)\">')",
    "javascript": "Javascript('top.ran.push(3)')",
    "widget": "__import__('ipywidgets').HTML('<img src=x onerror=\"top.ran.push(4)\">')",
    "link": 'HTML(\'<a class="hostile" href="javascript:top.ran.push(5)">press</a>\')',
    "script from a file": "HTML('<script src=\"../files/x.js\"></script>')",
    "frame": "HTML('<iframe srcdoc=\"<script>top.ran.push(7)</script>\"></iframe>')",
    "frame of a file": "HTML('<iframe src=\"../files/x.html\"></iframe>')",
    "svg": 'SVG(\'<svg xmlns="http://www.w3.org/2000/svg" onload="top.ran.push(9)"/>\')',
    "markdown": "Markdown('<img src=x onerror=\"top.ran.push(10)\">')",
    "module from a file": 'HTML(\'<script type="module">import "../files/x.js"</script>\')',
    "worker": "Javascript('new Worker(\"../files/x.js\")')",
}
FROM_DISPLAY = "from IPython.display import HTML, SVG, Javascript, Markdown\n"


@pytest.fixture
def chromium_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 2400})
    page = context.new_page()
    page.add_init_script("window.ran = window.ran || []")
    yield page
    context.close()


@pytest.fixture
def console(chromium_page: Page) -> list[str]:
    said: list[str] = []
    chromium_page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    chromium_page.on("pageerror", lambda error: said.append(f"pageerror: {error}"))
    return said


def open_notebook(page: Page, server: Server, *sources: str) -> Any:
    server.put_manifest(
        manifest(
            ("a.ipynb", notebook(*sources)),
            ("x.js", b"top.ran.push(6)"),
            ("x.html", b"<script>top.ran.push(8)</script>"),
        )
    )
    page.goto(f"{server.url}notebooks/a.ipynb?as=ann")
    page.locator(".jp-Cell").nth(len(sources) - 1).wait_for(timeout=60_000)
    return page.locator(".jp-Cell")


def run_all(page: Page, cells: Any, count: int) -> None:
    cells.first.locator(".cm-content").click()
    for _ in range(count):
        page.keyboard.press("Shift+Enter")
    prompt = page.locator(".jp-InputPrompt", has_text=f"[{count}]:")
    prompt.wait_for(timeout=60_000)


def test_charts_tables_and_widgets_show_under_the_policy(server: Server, chromium_page: Page, console: list[str]):
    cells = open_notebook(chromium_page, server, *SHOWN.values())

    run_all(chromium_page, cells, len(SHOWN))

    cells.nth(0).locator("img[src^='data:image/png']").wait_for()
    cells.nth(1).locator("table >> text=column").wait_for()
    cells.nth(2).locator(".widget-slider, .jupyter-widgets >> text=how many").first.wait_for(timeout=30_000)
    assert not [line for line in console if "Content Security Policy" in line], console


def test_no_hostile_output_runs_script_in_the_page(server: Server, chromium_page: Page):
    cells = open_notebook(chromium_page, server, *(FROM_DISPLAY + code for code in HOSTILE.values()))

    run_all(chromium_page, cells, len(HOSTILE))
    for link in chromium_page.locator("a.hostile").all():
        link.click(no_wait_after=True)
    chromium_page.reload()
    chromium_page.locator(".jp-Cell").nth(len(HOSTILE) - 1).wait_for(timeout=60_000)
    chromium_page.locator(".jp-OutputArea-output").first.wait_for()

    assert chromium_page.evaluate("window.ran") == []


def test_the_policy_stops_what_gets_past_the_page(server: Server, chromium_page: Page, console: list[str]):
    open_notebook(chromium_page, server, "1")

    chromium_page.evaluate(
        """() => {
            const place = document.body.appendChild(document.createElement("div"));
            place.innerHTML = '<img src=x onerror="top.ran.push(1)">'
              + '<a id="hostile" href="javascript:top.ran.push(2)">x</a>'
              + '<iframe srcdoc="<script>top.ran.push(3)</script>"></iframe>';
            for (const text of ["top.ran.push(4)", null]) {
              const script = document.createElement("script");
              if (text) script.textContent = text; else script.src = "../files/x.js";
              place.append(script);
            }
            document.getElementById("hostile").click();
        }"""
    )
    chromium_page.wait_for_load_state("networkidle")

    assert chromium_page.evaluate("window.ran") == []
    assert len([line for line in console if "Content Security Policy" in line]) >= 4
