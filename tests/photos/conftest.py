"""What several tests of photos use."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def bench(root: Path) -> ModuleType:
    """The benchmark's damages and placeholders, so that both mean the same."""
    path = root / "benchmarks" / "photo_quality_inputs.py"
    spec = importlib.util.spec_from_file_location("photo_quality_inputs", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
