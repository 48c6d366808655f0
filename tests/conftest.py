"""Fixtures that every test file may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The models of the tests are so small that a second thread of torch only spins.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Machines that run tests are busy; a slow example is no failure. In CI the examples are
# the same every time, so that a change is judged by what it changes.
settings.register_profile("productdesc", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("productdesc")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of tests/fuzz, of a soak, and of tests that hold what the demo model says."""
    group = parser.getgroup("fuzzing")
    group.addoption(
        "--fuzz-seconds",
        type=float,
        default=1200.0,
        help="how long to fuzz, all targets together (20 minutes)",
    )
    group.addoption("--fuzz-seed", type=int, default=1, help="where chance begins")
    soak = parser.getgroup("soak")
    soak.addoption(
        "--soak-seconds", type=float, default=1800.0, help="how long (30 minutes)"
    )
    soak.addoption("--soak-seed", type=int, default=0, help="replays one; 0: by chance")
    parser.getgroup("review page").addoption(
        "--screenshots", default="", metavar="FOLDER", help="where they are written"
    )
    parser.getgroup("demo model").addoption(
        "--remake",
        action="store_true",
        help="write down anew what the demo model says, where pages and records hold it",
    )


ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photos and bad inputs beside the checkout, where there is one."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the real photos in ../shared, which is not here")
    return folder
