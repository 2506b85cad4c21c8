"""Puts our own packages, compiled, into the virtual environment that runs this."""

import compileall
import py_compile
import shutil
import sys
import sysconfig
from pathlib import Path


def install(packages: Path) -> None:
    """Install each package folder of ``packages``; what is in its ``labextension`` goes where Jupyter looks for it."""
    site = Path(sysconfig.get_path("purelib"))
    labextensions = Path(sysconfig.get_path("data"), "share/jupyter/labextensions")
    for package in sorted(path for path in packages.iterdir() if path.is_dir()):
        shutil.copytree(package, site / package.name, ignore=shutil.ignore_patterns("labextension"))
        compileall.compile_dir(
            site / package.name, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
        built = package / "labextension"
        if built.is_dir():
            shutil.copytree(built, labextensions, dirs_exist_ok=True)


if __name__ == "__main__":
    install(Path(sys.argv[1]))
