"""Which files a submission may bring along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_assignments.grading.files import MAX_BYTES, MAX_FILES, brought, is_safe


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "a/../b",
        "./a",
        "a//b",
        "",
        ".",
        "..",
        "a\\b",
        "a\0b",
        "a\nb",
        "\ud800",
        "x" * 300,
        "a/" * 9 + "a",
    ],
)
def test_paths_that_lead_elsewhere_are_not_safe(path: str):
    assert not is_safe(path)


@pytest.mark.parametrize("path", ["a", "notes.md", "figures/one.png", "ä ö.csv", ".hidden", "..a"])
def test_paths_inside_are_safe(path: str):
    assert is_safe(path)


@given(st.text(alphabet="ab./\\\0~ä", max_size=12))
def test_a_safe_path_has_no_part_that_goes_up(path: str):
    if is_safe(path):
        assert not path.startswith("/")
        assert ".." not in path.split("/")
        assert path.strip("/") == path


def test_the_notebook_itself_is_not_placed_and_the_rest_is_bounded():
    many = {f"f{n:04}": b"" for n in range(MAX_FILES + 5)}
    large = {"large": b"x" * (MAX_BYTES + 1), "small": b"y"}

    kept, remarks = brought({"q.ipynb": b"{}", "../x": b"", **many}, "q.ipynb")
    kept_large, remarks_large = brought(large, "q.ipynb")

    assert len(kept) == MAX_FILES
    assert "q.ipynb" not in kept
    assert remarks == (
        "1 files with a path outside the folder were left out",
        "5 files were left out, too many or too large",
    )
    assert list(kept_large) == ["small"]
    assert len(remarks_large) == 1
