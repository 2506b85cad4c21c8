"""Where submissions are graded, as a program hears it."""

from pathlib import Path

import pytest

from assay_config.sandbox import place
from assay_config.settings import Settings


@pytest.mark.parametrize(("engine", "said"), [("auto", "WITHOUT ISOLATION"), ("docker", "no container engine answers")])
def test_without_an_engine_it_says_so(engine: str, said: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")

    found = place(Settings(workspace={"engine": engine}))

    assert not found.image
    assert said in (found.problem if engine == "docker" else found.remark)


def test_an_engine_that_answers_without_the_image_is_a_problem_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    client = tmp_path / "docker"
    client.write_text('#!/bin/sh\ntest "$1" = version && echo 28.2\n')
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    found = place(Settings(grading={"image": "none:1"}))

    assert not found.image
    assert "none:1 is not there" in found.problem
    assert "assay_spawner.image build" in found.problem
