"""A small package with entry points: built as a wheel, and installed by unpacking it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

PACKAGE = Path(__file__).parents[2]
"""Where productdesc is imported from."""


def install(site: Path, name: str, modules: Mapping[str, str], entry_points: str) -> None:
    """Build a wheel of pure Python and unpack it into `site`, as an installer does.

    modules: source by module name. entry_points: the text of `entry_points.txt`.
    """
    info = f"{name}-1.0.dist-info"
    files = {f"{module}.py": source for module, source in modules.items()}
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    files[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/entry_points.txt"] = entry_points
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in files)
    site.mkdir(exist_ok=True)
    wheel = site / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    wheel.unlink()


def python(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with productdesc and what is installed in `site`."""
    path = os.pathsep.join([str(PACKAGE), str(site)])
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
