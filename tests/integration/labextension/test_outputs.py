"""What a kernel makes shows for both people, and acts as neither of them."""

from collections.abc import Callable

import pytest
from integration.labextension.people import Person, Workspace
from playwright.sync_api import expect

MARK = "window.attacked=true"
SHOWN = 'display(HTML("<b class=\\"seen\\">seen</b>"))'
SLIDER = "import ipywidgets\nslider = ipywidgets.IntSlider(value=3)\nslider"
PICTURES = """
%matplotlib inline
import matplotlib.pyplot as plt, pandas as pd
from IPython.display import SVG
display(pd.DataFrame({"a": [1, 2]}))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40"/></svg>'))
plt.plot([1, 2]); plt.show()
"""
OUTPUT_ATTACKS = f"""
from IPython.display import HTML, Javascript, SVG, Latex, display, update_display
display(HTML('<img src=x onerror="{MARK}"><script>{MARK}</script>'))
display(HTML('<iframe srcdoc="<script>parent.{MARK}</script>"></iframe><svg onload="{MARK}"></svg>'))
display(HTML('<img src=x onerror="parent.{MARK}">'), metadata={{"text/html": {{"isolated": True}}}})
display(Javascript('{MARK}'))
display({{"application/vnd.vega.v5+json": {{"marks": []}}, "text/plain": "vega"}}, raw=True)
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="parent.{MARK}"></svg>'))
display(HTML('<i>first</i>'), display_id="later")
update_display(HTML('<img src=x onerror="{MARK}">'), display_id="later")
{SHOWN}
"""
WIDGET_ATTACKS = f"""
import ipywidgets as widgets
from IPython.display import HTML, Javascript, display
evil = '<img src=x onerror="{MARK}">'
display(widgets.HTML(evil), widgets.HTMLMath(evil), widgets.Label(evil))
display(widgets.Text(description='<b title="$" onmouseover="{MARK}" x="$">over me</b>', description_allow_html=True))
out = widgets.Output(outputs=({{"output_type": "display_data", "data": {{"text/html": evil}}, "metadata": {{}}}},
  {{"output_type": "display_data", "data": {{"application/javascript": "{MARK}"}}, "metadata": {{}}}}))
display(out)
with out:
    display(HTML(evil), Javascript("{MARK}"))
late = widgets.HTML("harmless")
display(late)
late.value = evil
{SHOWN}
"""
COMMAND = 'data-commandlinker-command="notebook:insert-cell-below"'
CLICK_ATTACKS = f"""
import ipywidgets as widgets
from IPython.display import HTML, Latex, Markdown, display
display(HTML('<button class="attack" {COMMAND}>command</button>'))
display(HTML('<a class="attack" href="javascript:{MARK}">link</a>'))
display(widgets.HTML('<button class="attack" {COMMAND}>command</button>'))
display(widgets.HTML('<a class="attack" href=" java&#10;script:{MARK}">link</a>'))
display(Latex(r'$\\href{{javascript:{MARK}}}{{formula}}$'))
display(Markdown('[link](javascript:{MARK}) <button class="attack" {COMMAND}>command</button>'))
{SHOWN}
"""


@pytest.mark.parametrize("lab", [False, True], ids=["notebook", "lab"])
def test_a_slider_of_one_person_lives_at_the_other_without_a_reload_and_moves_both_ways(
    workspace: Workspace, people: Callable[[], Person], *, lab: bool
):
    name = f"slider-{lab}.ipynb"
    workspace.write(name, SLIDER)
    one, other = people(), people()
    one.opens(workspace, name, lab=lab)
    other.opens(workspace, name, lab=lab)

    one.runs(0)

    for mover, where in ((other, 0.6), (one, 0.2)):
        track = mover.page.locator(".noUi-base")
        expect(track).to_be_visible(timeout=30_000)
        box = track.bounding_box()
        assert box is not None
        mover.page.mouse.click(box["x"] + where * box["width"], box["y"] + box["height"] / 2)
        for person in (one, other):
            expect(person.page.locator(".widget-readout")).to_have_text(str(round(where * 100)), timeout=10_000)


def test_tables_charts_and_svg_pictures_show_for_both(workspace: Workspace, people: Callable[[], Person]):
    workspace.write("pictures.ipynb", PICTURES)
    one, other = people(), people()
    one.opens(workspace, "pictures.ipynb")
    other.opens(workspace, "pictures.ipynb")

    one.runs(0)

    for person in (one, other):
        expect(person.output(0).locator("table td").first).to_have_text("1", timeout=30_000)
        for source in ("data:image/svg", "data:image/png"):
            picture = person.output(0).locator(f'img[src^="{source}"]')
            expect(picture).to_be_visible(timeout=30_000)
            expect(picture).to_have_js_property("complete", value=True)
            assert picture.evaluate("picture => picture.naturalWidth") > 0


@pytest.mark.parametrize("attack", [OUTPUT_ATTACKS, WIDGET_ATTACKS], ids=["outputs", "widgets"])
def test_no_script_of_an_output_runs_at_anybody_also_after_a_reload(
    workspace: Workspace, people: Callable[[], Person], attack: str
):
    name = f"script-{len(attack)}.ipynb"
    workspace.write(name, attack, markdown=f"<img src=x onerror='{MARK}'><script>{MARK}</script>")
    one, other = people(), people()
    one.opens(workspace, name)
    other.opens(workspace, name)

    one.runs(0)

    for person in (one, other):
        expect(person.view.locator(".seen")).to_be_visible(timeout=30_000)
        for bold in person.view.locator(".widget-label b").all():
            bold.hover()
    other.page.reload()
    expect(other.view.locator(".seen")).to_be_visible(timeout=30_000)
    for person in (one, other):
        expect(person.view.locator("text=Loading widget")).to_have_count(0)
        assert not person.has_been_attacked()
        assert not any(person.trusts())
    assert all("trusted" not in cell.metadata for cell in workspace.read(name).cells)


def test_the_same_attacks_work_on_a_stock_workspace(stock: Workspace, people: Callable[[], Person]):
    stock.write("stock.ipynb", OUTPUT_ATTACKS)
    stock.write("widgets.ipynb", WIDGET_ATTACKS)
    for name in ("stock.ipynb", "widgets.ipynb"):
        person = people()
        person.opens(stock, name)

        person.runs(0)

        person.page.wait_for_function(MARK.replace("=", "==="), timeout=30_000)


def test_no_click_on_an_output_runs_a_command_or_a_script(workspace: Workspace, people: Callable[[], Person]):
    workspace.write("clicks.ipynb", CLICK_ATTACKS, markdown=f'<button {COMMAND} class="attack">command</button>')
    one, other = people(), people()
    one.opens(workspace, "clicks.ipynb")
    other.opens(workspace, "clicks.ipynb")

    one.runs(0)

    for person in (one, other):
        expect(person.view.locator(".seen")).to_be_visible(timeout=30_000)
        expect(person.view.locator("mjx-container")).to_be_visible(timeout=30_000)
        attacks = person.view.locator(".jp-Cell .attack, .jp-OutputArea-output a, mjx-container *").all()
        assert len(attacks) > 6
        for attack in attacks:
            attack.dispatch_event("click")
        expect(person.view.locator(".jp-Dialog")).to_have_count(0)
        expect(person.view.locator(".jp-Notebook .jp-Cell")).to_have_count(2)
        assert not person.has_been_attacked()


def test_a_kernel_cannot_type_in_the_name_of_who_runs_a_cell(workspace: Workspace, people: Callable[[], Person]):
    workspace.write("types.ipynb", 'get_ipython().set_next_input("forged")\nprint("done")')
    person = people()
    person.opens(workspace, "types.ipynb")

    person.runs(0)

    expect(person.output(0)).to_have_text("done", timeout=30_000)
    expect(person.cell(0).locator(".jp-InputPrompt")).to_have_text("[1]:")
    expect(person.view.locator(".jp-Notebook .jp-Cell")).to_have_count(1)
