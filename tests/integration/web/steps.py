"""What several tests do in a room."""

from typing import Any

import pytest
from integration.web.stage import Stage
from playwright.sync_api import Frame, Page, expect


def open_room(page: Page, stage: Stage) -> None:
    page.goto(stage.room)
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_be_visible()


def workspace(page: Page) -> Frame:
    (frame,) = [frame for frame in page.frames if "/notebooks/" in frame.url]
    return frame


def focused(page: Page) -> str:
    return str(page.evaluate("(one => one === document.body ? '' : one.innerText || one.id)(document.activeElement)"))


def tab_to(page: Page, words: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page) == words:
            return
    pytest.fail(f"Tab never reached {words}")


def status(name: str) -> dict[str, Any]:
    return {"workspace": {"status": name, "message": ""}}
