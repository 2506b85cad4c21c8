"""What goes into the image of a workspace, and its name: a digest of all that, to be had without asking an engine."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

REPOSITORY: Final = "assay/workspace"
STOCK_REPOSITORY: Final = "assay/stock"
UV_VERSION: Final = "0.13.8"

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "spawner" / "image"
_EXTENSIONS: Final = ROOT / "extensions"
_PACKAGES: Final = ("assay_protocol", "assay_extension")


def context_files(*, stock: bool) -> Iterator[tuple[str, bytes]]:
    """Yield the name inside the build context and the content of each file, in a fixed order."""
    if stock:
        yield "Dockerfile", (FOLDER / "Dockerfile.stock").read_bytes()
        yield "requirements.lock", (FOLDER / "requirements.lock").read_bytes()
        return
    for path in _files(FOLDER):
        if path.name not in {"Dockerfile.stock", "requirements.in"}:
            yield path.relative_to(FOLDER).as_posix(), path.read_bytes()
    for package in _PACKAGES:
        for path in _files(_EXTENSIONS / package):
            yield f"packages/{path.relative_to(_EXTENSIONS).as_posix()}", path.read_bytes()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def image_tag(*, stock: bool = False, base: str | None = None, bare: bool = False) -> str:
    """Return the name and tag of the image that the present inputs make."""
    digest = hashlib.sha256(f"{UV_VERSION}\n{base or ''}\n{bare}\n".encode())
    for name, content in context_files(stock=stock):
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return f"{STOCK_REPOSITORY if stock else REPOSITORY}:{digest.hexdigest()[:12]}"
