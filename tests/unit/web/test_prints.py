"""The queue of prints: each for whoever asked, and a failure that says why."""

import asyncio

from assay_hub.domain.errors import PrintFailedError
from assay_hub.web.background import printing
from assay_hub.web.background.printing import Prints


class FakePrinter:
    """Prints a page as its text; breaks when told to."""

    def pdf(self, page: str) -> bytes:
        if page == "broken":
            raise PrintFailedError("Chromium was not found.")
        if page == "unexpected":
            raise RuntimeError("the disk is full")
        return page.encode()


def printed(*asked: tuple[str, str, str]) -> Prints:
    """Have pages printed, and wait until each is made or given up."""

    async def work() -> Prints:
        prints = Prints(FakePrinter())
        prints.start()
        for account, interview, page in asked:
            prints.ask(account, interview, page)
        async with asyncio.timeout(30):
            await prints._queue.join()
        await prints.stop()
        return prints

    return asyncio.run(work())


def test_a_pdf_is_for_whoever_asked_for_it_and_the_last_one_counts():
    prints = printed(("ada", "a", "first"), ("ada", "a", "second"), ("eve", "b", "other"))

    assert prints.of("ada", "a").content == b"second"
    assert prints.of("eve", "a") is None
    assert prints.of("ada", "b") is None


def test_a_failure_says_why_and_the_next_is_printed():
    prints = printed(("ada", "a", "broken"), ("ada", "b", "unexpected"), ("ada", "c", "page"))

    assert prints.of("ada", "a").problem == "Chromium was not found."
    assert "the hub's log says what" in prints.of("ada", "b").problem
    assert "disk" not in prints.of("ada", "b").problem
    assert prints.of("ada", "c").content == b"page"


def test_a_pdf_is_forgotten_after_a_while(monkeypatch):
    prints = printed(("ada", "a", "page"))

    monkeypatch.setattr(printing, "KEPT_SECONDS", -1.0)

    assert prints.of("ada", "a") is None


def test_too_many_at_once_are_refused_in_words():
    async def ask() -> Prints:
        prints = Prints(FakePrinter())
        for number in range(printing._MOST + 1):
            prints.ask("ada", str(number), "page")
        return prints

    assert "Try again" in asyncio.run(ask()).of("ada", str(printing._MOST)).problem
