"""Who handed in what, from the names of files; and zip files that mean harm."""

import io
import stat
import struct
import zipfile

import pytest
from fakes import zipped
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.adapters.uploads import MAX_ENTRIES, FolderUploads
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.handed import UNDECIDED, Corrections, Layout, Pattern, match, people_in, tidy

TWO = ("hw1", "plots")


def found(names, questions=TWO, layout=Layout.AUTO, pattern="", **more):
    """Return the layout, and by person and question the file."""
    matched = match([(name, 1) for name in names], questions, layout, pattern, **more)
    files = {(one.person, file.question): file.path for one in matched.entrants for file in one.notebooks}
    return matched, files


@pytest.mark.parametrize(
    ("layout", "names", "expected"),
    [
        (
            Layout.FOLDERS,
            ["ada/hw1.ipynb", "ada/plots.ipynb", "bob/HW1.ipynb", "bob/data.csv"],
            {("ada", "hw1"), ("ada", "plots"), ("bob", "hw1")},
        ),
        (Layout.FOLDERS, ["all/ada/hw1.ipynb", "all/bob/x/hw1.ipynb"], {("ada", "hw1"), ("bob", "hw1")}),
        (
            Layout.NBGRADER,
            ["course/submitted/ada/ps1/hw1.ipynb", "course/submitted/bob/ps1/plots.ipynb"],
            {("ada", "hw1"), ("bob", "plots")},
        ),
        (
            Layout.MOODLE,
            ["Ada Abara_4711_assignsubmission_file_/hw1.ipynb", "Bo Ek_12_assignsubmission_file_hw1.ipynb"],
            {("4711", "hw1"), ("12", "hw1")},
        ),
        (
            Layout.CANVAS,
            ["abaraada_4711_998877_hw1-2.ipynb", "ekbo_LATE_12_998878_plots.ipynb"],
            {("4711", "hw1"), ("12", "plots")},
        ),
        (Layout.PATTERN, ["ada_lovelace_hw1.ipynb", "bob_plots.ipynb"], {("ada_lovelace", "hw1"), ("bob", "plots")}),
    ],
)
def test_layouts_are_recognised(layout, names, expected):
    matched, files = found(names)

    assert matched.layout is layout
    assert set(files) == expected


def test_names_beside_ids_are_read_where_a_layout_or_a_list_has_them():
    names = ["Ada Abara_4711_assignsubmission_file_/hw1.ipynb", "Bo Ek_12_assignsubmission_file_/hw1.ipynb"]

    matched, _ = found(names, people={"12": ("Bo Ekström", "bo@example.org")})

    assert [(one.person, one.name, one.email) for one in matched.entrants] == [
        ("12", "Bo Ekström", "bo@example.org"),
        ("4711", "Ada Abara", ""),
    ]


def test_with_one_question_a_lone_notebook_is_that_one_whatever_its_name():
    _, files = found(["ada/my homework final.ipynb", "bob/hw1.ipynb", "bob/draft.ipynb"], ("hw1",))

    assert files == {
        ("ada", "hw1"): "ada/my homework final.ipynb",
        ("bob", "hw1"): "bob/hw1.ipynb",
        ("bob", ""): "bob/draft.ipynb",
    }


def test_what_nobody_can_place_is_asked_for_and_can_be_placed_or_left_out():
    names = ["ada/hw1.ipynb", "ada/what.ipynb", "stray.ipynb", "readme.txt", "__MACOSX/ada/._hw1.ipynb"]

    before, _ = found(names, layout=Layout.FOLDERS)
    fixed = Corrections(files={"ada/what.ipynb": ("", ""), "stray.ipynb": ("bob", "plots")})
    open_ones = Corrections(files={"ada/what.ipynb": ("ada", UNDECIDED), "stray.ipynb": ("", "plots")})
    after, files = found(names, layout=Layout.FOLDERS, corrections=fixed)

    assert [file.path for file in before.unplaced] == ["ada/what.ipynb", "stray.ipynb"]
    undecided, _ = found(names, layout=Layout.FOLDERS, corrections=open_ones)
    assert [file.path for file in undecided.unplaced] == ["ada/what.ipynb", "stray.ipynb"]
    assert [file.path for file in before.others] == ["readme.txt"]
    assert after.unplaced == ()
    assert files == {("ada", "hw1"): "ada/hw1.ipynb", ("bob", "plots"): "stray.ipynb"}


def test_two_notebooks_for_one_question_are_a_problem():
    matched, _ = found(["ada/hw1.ipynb", "ada/copy/hw1.ipynb"], layout=Layout.FOLDERS)

    assert "ada" in matched.problems[0]


@pytest.mark.parametrize(
    ("pattern", "name", "fields"),
    [
        ("{person}_{notebook}.ipynb", "ada_b_hw1.ipynb", {"person": "ada_b", "notebook": "hw1"}),
        (
            "{notebook}-{any}-{person}.ipynb",
            "hw1-late-ada-b.ipynb",
            {"notebook": "hw1", "any": "late", "person": "ada-b"},
        ),
        ("{person}.ipynb", "deep/ada.ipynb", {"person": "ada"}),
        ("{person}/work/{notebook}.ipynb", "ada/work/plots.ipynb", {"person": "ada", "notebook": "plots"}),
        ("{person}_{notebook}.ipynb", "ada.ipynb", None),
        ("x{person}y", "xy", None),
    ],
)
def test_a_pattern_reads_a_name(pattern, name, fields):
    assert Pattern.read(pattern).match(name, TWO) == fields


@pytest.mark.parametrize(
    "pattern", ["x.ipynb", "{person}{notebook}", "{who}", "{person}_{person}", "{person}" + "x" * 200]
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern):
    with pytest.raises(BadInputError):
        Pattern.read(pattern)


@given(person=st.text("ab_-.", min_size=1, max_size=20), question=st.sampled_from(TWO))
def test_a_pattern_finds_back_what_a_name_was_made_of(person, question):
    fields = Pattern.read("{person}__{notebook}.ipynb").match(f"{person}__{question}.ipynb", TWO)

    assert fields == {"person": person, "notebook": question}


@given(st.lists(st.text(max_size=60), max_size=20), st.sampled_from(Layout))
def test_no_name_breaks_the_match(names, layout):
    matched, files = found([f"{name}.ipynb" for name in names], layout=layout)

    assert len(files) <= len(names)
    assert all(one.who == tidy(one.who) for one in matched.entrants)


@pytest.mark.parametrize("name", ["<b>x</b>", "=1+1", "\u202ecod.exe", "a\u0000b", "a\nb", "x" * 500])
def test_names_are_one_harmless_line(name):
    shown = tidy(name)

    assert len(shown) <= 200
    assert not set(shown) & {"\u202e", "\0", "\n"}


def test_a_list_of_people_is_read_with_either_separator():
    assert people_in("\ufeffid;name;email\ns1;Ada;ada@example.org\n\ns2\n") == {
        "s1": ("Ada", "ada@example.org"),
        "s2": ("", ""),
    }
    with pytest.raises(BadInputError):
        people_in("s1,Ada,nowhere")


# Zip files that mean harm


@pytest.fixture
def uploads(tmp_path):
    return FolderUploads(tmp_path / "uploads", file_bytes=1_000_000, max_bytes=4_000_000)


def held(uploads, content):
    return uploads.put(io.BytesIO(content))


def entry(name, *, mode=stat.S_IFREG | 0o644, content=b"x"):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info, content


def packed(*entries):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in entries:
            archive.writestr(info, content)
    return written.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "a/../../b",
        "C:/x",
        "..\\..\\x",
        "a\\b",
        "./a",
        "a//b",
        "x" * 401,
        "a/" * 13 + "b",
    ],
)
def test_a_path_that_leaves_its_folder_is_refused_and_the_rest_taken(uploads, name):
    content = packed(entry("good.ipynb"))
    with io.BytesIO(content) as written:
        with zipfile.ZipFile(written, "a") as archive:
            info = zipfile.ZipInfo("x")
            info.filename = name  # past the tidying of the constructor
            archive.writestr(info, b"bad")
        key = held(uploads, written.getvalue())

    files = uploads.files(key)

    assert [path for path, _ in files.files] == ["good.ipynb"]
    assert len(files.refused) == 1
    with pytest.raises(KeyError):
        uploads.read(key, [name])


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR | 0o644])
def test_links_and_devices_are_refused(uploads, mode):
    key = held(uploads, packed(entry("ada/hw1.ipynb", mode=mode, content=b"/etc/passwd")))

    assert uploads.files(key).files == ()


def test_names_that_hide_something_are_refused(uploads):
    key = held(uploads, packed(entry("ada/\u202ebypni.ipynb"), entry("a\x07b.ipynb"), entry("<script>.ipynb")))

    files = uploads.files(key)

    assert [path for path, _ in files.files] == ["<script>.ipynb"]
    assert all(path.isprintable() for path, _ in files.refused)


def test_a_name_that_is_there_twice_counts_once(uploads):
    with pytest.warns(UserWarning, match="Duplicate"):
        content = packed(entry("ada/hw1.ipynb", content=b"first"), entry("ada/hw1.ipynb", content=b"second"))
    key = held(uploads, content)

    assert uploads.read(key, ["ada/hw1.ipynb"]) == {"ada/hw1.ipynb": b"first"}
    assert len(uploads.files(key).refused) == 1


def test_a_bomb_is_refused_before_anything_is_unpacked(uploads):
    bomb = packed(*(entry(f"ada/{number}.ipynb", content=b"\0" * 999_999) for number in range(5)))
    assert len(bomb) < 30_000

    with pytest.raises(BadInputError):
        held(uploads, bomb)

    assert list(uploads._folder.iterdir()) == []
    key = held(uploads, packed(entry("ada/hw1.ipynb", content=b"\0" * 1_000_001), entry("ok.ipynb")))
    assert [path for path, _ in uploads.files(key).files] == ["ok.ipynb"]


def test_a_bomb_that_lies_about_its_size_is_refused_when_it_is_read(uploads):
    honest = packed(entry("ada/hw1.ipynb", content=b"\0" * 900_000))
    size = struct.pack("<I", 900_000)
    assert honest.count(size) == 2  # beside the file, and in the table of contents
    key = held(uploads, honest.replace(size, struct.pack("<I", 10)))

    with pytest.raises(BadInputError):
        uploads.read(key, ["ada/hw1.ipynb"])


def test_ten_thousand_files_are_taken_and_twice_the_bound_are_not(uploads):
    many = {f"p{number:05}/hw1.ipynb": b"" for number in range(10_000)}
    key = held(uploads, zipped(many))

    matched = match(uploads.files(key).files, ["hw1"], Layout.AUTO)

    assert len(matched.entrants) == 10_000
    assert "At most 5000 people" in matched.problems[0]
    with pytest.raises(BadInputError):
        held(uploads, zipped({f"p{number}": b"" for number in range(MAX_ENTRIES + 1)}))


def test_a_table_of_contents_that_would_fill_the_memory_is_not_read(uploads):
    name = b"x" * 600
    record = b"PK\x01\x02" + bytes(24) + struct.pack("<HHHHHII", 600, 0, 0, 0, 0, 0, 0) + name
    directory = record * (MAX_ENTRIES + 1)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), 0, 0)

    with pytest.raises(BadInputError) as refused:
        held(uploads, directory + end)

    assert refused.value.detail == f"At most {MAX_ENTRIES} files are taken."


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\xff" * 18, b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_zip_file_is_refused(uploads, content):
    with pytest.raises(BadInputError):
        held(uploads, content)

    assert list(uploads._folder.iterdir()) == []


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "0" * 32, "\0"])
def test_no_key_leads_elsewhere(uploads, key):
    with pytest.raises(KeyError):
        uploads.files(key)
    uploads.delete(key)


def test_names_in_utf8_that_say_nothing_of_it_are_read_right(uploads):
    content = packed(entry("Zoë/hw1.ipynb")).replace("Zoë".encode(), "Zoë".encode())
    key = held(uploads, bytes(content).replace(struct.pack("<H", 0x800), struct.pack("<H", 0)))

    assert uploads.files(key).files[0][0] == "Zoë/hw1.ipynb"
