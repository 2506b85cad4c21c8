"""Puts our own packages, compiled, into the virtual environment that runs this."""

import compileall
import py_compile
import shutil
import sys
import sysconfig
from pathlib import Path


def install(packages: Path) -> None:
    """Install each package folder of ``packages``, with what it holds for the browser."""
    site = Path(sysconfig.get_path("purelib"))
    for package in sorted(path for path in packages.iterdir() if path.is_dir()):
        shutil.copytree(package, site / package.name)
        compileall.compile_dir(
            site / package.name, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )


if __name__ == "__main__":
    install(Path(sys.argv[1]))
