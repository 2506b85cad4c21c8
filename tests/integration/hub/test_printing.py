"""Printing with a real Chromium: what a hostile page can do to the PDF, to this machine and to the network."""

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pypdf import PdfReader
from unit.web.report_samples import made
from unit.web.samples import HOSTILE, NOW, PREFIX, grades, interview, submission

from assay_hub.adapters import printing
from assay_hub.adapters.printing import ChromiumPrinter, found
from assay_hub.domain.errors import PrintFailedError
from assay_hub.domain.interview import State
from assay_hub.web.pages import Pages
from assay_hub.web.routes.report import paper_of

SECRET = "root-secret-of-this-machine"


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """Listen on loopback, and remember what was asked for."""
    paths: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(tmp_path) -> Path:
    """A file that everybody on the machine can read."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    return file


def test_a_page_that_got_through_unescaped_runs_nothing_reads_nothing_and_calls_nobody(asked, secret):
    address, paths = asked
    page = f"""<title>x</title><h1>Start of the page</h1>
    <script>document.body.append("ran " + "by inline")</script>
    <script src="{secret.as_uri()}"></script><img src=x onerror="document.body.append('ran ' + 'by handler')">
    <iframe src="{secret.as_uri()}"></iframe><object data="{secret.as_uri()}"></object><embed src="{secret.as_uri()}">
    <iframe srcdoc="<script>parent.document.body.append('ran ' + 'by frame')</script>"></iframe>
    <img src="{address}/image"><link rel="stylesheet" href="{address}/style"><iframe src="{address}/frame"></iframe>
    <style>@import url("{address}/import"); body {{ background: url("{address}/background") }}</style>
    <link rel="prefetch" href="{address}/prefetch"><link rel="preconnect" href="{address}">
    <video src="{address}/video" autoplay></video><p>End of the page</p>"""

    text = text_of(ChromiumPrinter("", 60, "1G").pdf(page))

    assert "Start of the page" in text
    assert "End of the page" in text
    assert "ran by" not in text
    assert SECRET not in text
    assert paths == []


def test_a_page_cannot_lead_the_browser_to_a_file_or_a_server(asked, secret):
    address, paths = asked

    for target in (secret.as_uri(), address, "file:///etc/passwd"):
        page = f'<meta http-equiv="refresh" content="0;url={target}"><h1>Start of the page</h1>'
        try:
            text = text_of(ChromiumPrinter("", 60, "1G").pdf(page))
        except PrintFailedError:
            continue
        assert SECRET not in text
        assert "root:" not in text

    assert paths == []


def test_hostile_names_words_and_titles_are_words_on_paper(asked):
    about = (interview(State.SUBMITTED, HOSTILE), grades(HOSTILE), submission())
    page = paper_of(
        Pages(PREFIX, isolated=True), made(about, HOSTILE, NOW), HOSTILE, "https://desk.assay.example.org/", {}
    )

    text = text_of(ChromiumPrinter("", 60, "1G").pdf(page))

    assert "<script>hostile()</script>" in text
    assert "{{ 7*7 }}" in text
    assert "percentile" in text
    assert "The numbers" in text
    assert asked[1] == []


def is_running(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_it_runs_as_nobody_with_a_sandbox_and_leaves_nothing_behind(monkeypatch):
    seen: dict[int, tuple[int, str]] = {}
    used = printing._used

    def look(pid: int, user: int | None) -> int:
        for member in printing._processes(pid, user):
            process = Path("/proc") / str(member)
            try:
                seen[member] = (process.stat().st_uid, (process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return used(pid, user)

    monkeypatch.setattr(printing, "_used", look)

    ChromiumPrinter("", 60, "1G").pdf("<p>A page</p>")

    assert seen
    assert all(user != 0 for user, command in seen.values() if "chrom" in command and "user-data-dir" in command)
    assert all("--no-sandbox" not in command for _, command in seen.values())
    assert not [pid for pid in seen if is_running(pid)]


def test_what_takes_too_long_or_too_much_is_ended():
    endless = "<p>" + "word " * 2_000_000
    with pytest.raises(PrintFailedError) as slow:
        ChromiumPrinter("", 0.2, "1G").pdf(endless)
    with pytest.raises(PrintFailedError) as large:
        ChromiumPrinter("", 60, "10M").pdf(endless)
    with pytest.raises(PrintFailedError) as long:
        ChromiumPrinter("", 60, "1G").pdf("x" * (printing.PAGE_BYTES + 1))

    assert "report.seconds" in slow.value.detail
    assert "report.memory" in large.value.detail
    assert "too long" in long.value.detail


def test_without_chromium_it_says_what_to_install(tmp_path):
    nowhere = str(tmp_path / "chromium")

    with pytest.raises(PrintFailedError) as missing:
        ChromiumPrinter(nowhere, 60, "1G").pdf("<p>A page</p>")

    assert found(nowhere) is None
    assert "apt-get install chromium" in missing.value.detail
