"""What goes into the image, and into its tag."""

from pathlib import Path

from assay_spawner.context import context_files, image_tag

ROOT = Path(__file__).parents[3]


def test_the_same_inputs_give_the_same_tag() -> None:
    assert image_tag() == image_tag()


def test_each_choice_has_a_tag_of_its_own() -> None:
    tags = {image_tag(), image_tag(stock=True), image_tag(bare=True), image_tag(base="debian:12")}

    assert len(tags) == 4


def test_nothing_but_the_workspaces_packages_goes_in() -> None:
    names = [name for name, _ in context_files(stock=False)]

    packages = {name.split("/")[1] for name in names if name.startswith("packages/")}
    assert packages == {"assay_protocol", "assay_extension"}
    assert not [name for name in names if "__pycache__" in name or "assignments" in name]


def test_the_lock_names_no_registry_and_pins_every_package_by_hash() -> None:
    lock = (ROOT / "spawner/image/requirements.lock").read_text("utf-8")

    assert "://" not in lock
    pinned = [line for line in lock.splitlines() if "==" in line]
    assert len(pinned) > 100
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_the_workspace_has_the_versions_that_the_hub_has() -> None:
    def versions(path: str) -> set[str]:
        lines = (ROOT / path).read_text("utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith("#")}

    # Two that nothing needs stand in the stock image only, and are taken out of ours (spawner/image/slim.sh); bash's
    # kernel, with what it needs, is for notebooks alone.
    more = {each.split("==")[0] for each in versions("spawner/image/requirements.lock") - versions("requirements.lock")}
    assert more == {"lark", "rfc3987-syntax", "bash-kernel", "filetype"}
