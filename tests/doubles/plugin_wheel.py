"""A small package with an entry point, built and installed into a folder, no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{package}"
version = "1.0"

[project.entry-points."{group}"]
{points}

[tool.hatch.build.targets.wheel]
only-include = ["{module}.py"]
"""


def install(
    work: Path, module: str, code: str, *, group: str, points: dict[str, str]
) -> Path:
    """A folder for PYTHONPATH; `points` maps names to objects of the module."""
    from hatchling.builders.wheel import WheelBuilder

    source, out, target = (work / name for name in ("source", "wheel", "installed"))
    source.mkdir(parents=True)
    (source / f"{module}.py").write_text(code, "utf-8")
    lines = "\n".join(f'"{name}" = "{module}:{value}"' for name, value in points.items())
    (source / "pyproject.toml").write_text(
        PYPROJECT.format(
            package=module.replace("_", "-"), group=group, points=lines, module=module
        ),
        "utf-8",
    )
    [wheel] = WheelBuilder(str(source)).build(directory=str(out), versions=["standard"])
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", str(target), wheel], check=True)
    return target
