"""What is in the wheel (what users run) and in the sdist (what developers need)."""

from __future__ import annotations

import re
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def names(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    from hatchling.builders.wheel import WheelBuilder

    out = tmp_path_factory.mktemp("wheel")
    [wheel] = WheelBuilder(str(root)).build(directory=str(out), versions=["standard"])
    assert Path(wheel).stat().st_size < 30e6
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_every_template_and_the_demo_model_are_in_the_wheel(
    names: list[str], root: Path
) -> None:
    for template in (root / "templates").rglob("*.j2"):
        assert f"productdesc/{template.relative_to(root)}" in names
    for name in ("config.json", "model.safetensors", "tokenizer.json", "productdesc.json"):
        assert f"productdesc/demo/{name}" in names
    assert "productdesc/py.typed" in names
    for name in ("LICENSE", "NOTICE"):
        assert any(n.endswith(f"licenses/{name}") for n in names)


def word_tables(root: Path) -> set[str]:
    folder = root / "productdesc" / "words"
    return {path.relative_to(root).as_posix() for path in folder.rglob("*.toml")}


def test_every_word_table_is_in_the_wheel(names: list[str], root: Path) -> None:
    assert len(word_tables(root)) > 5
    assert word_tables(root) <= set(names)


def test_the_style_and_the_labels_of_pages_are_in_the_wheel(
    names: list[str], root: Path
) -> None:
    folder = root / "productdesc" / "render"
    data = {p.relative_to(root).as_posix() for p in folder.rglob("*.*") if p.is_file()}
    data = {name for name in data if name.endswith((".css", ".toml"))}
    assert "productdesc/render/styles.css" in data and len(data) > 2
    assert data <= set(names)


def test_no_tests_and_no_photos_are_in_the_wheel(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"productdesc"}
    assert not [n for n in names if n.endswith((".jpg", ".png", ".pyc", ".pt"))]


def test_no_training_is_in_the_wheel(names: list[str]) -> None:
    assert not [n for n in names if "demo_model" in n]


def test_the_sdist_holds_all_that_a_developer_needs(root: Path, tmp_path: Path) -> None:
    from hatchling.builders.sdist import SdistBuilder

    [sdist] = SdistBuilder(str(root)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(sdist) as archive:
        files = [name.partition("/")[2] for name in archive.getnames()]
    for name in (
        "productdesc/demo/model.safetensors",
        "demo_model/train.py",
        "tests/test_packaging.py",
        "templates/write.j2",
        "docs/development/names.md",
        *word_tables(root),
    ):
        assert name in files
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    for name in settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]:
        found = [f for f in files if Path(f).match(name) or f.startswith(f"{name}/")]
        assert found, f"pyproject.toml names {name}, and the sdist has none of it"
    assert not [f for f in files if f.startswith("shared/") or f.endswith(".pyc")]


def notice(root: Path) -> dict[str, dict[str, str]]:
    """Heading -> package -> the first words of its licence, as NOTICE lists them."""
    found: dict[str, dict[str, str]] = {}
    lines = (root / "NOTICE").read_text("utf-8").splitlines()
    heading = ""
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if below and set(below) == {"-"}:
            heading = line.split(" (")[0]
        elif heading and (row := re.match(r"(\S+) {2,}(\S.*)", line)):
            found.setdefault(heading, {})[row[1]] = row[2]
    return found


def test_every_dependency_and_extra_stands_in_the_notice_with_a_licence(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = {"Always": project["dependencies"]}
    asked |= {f"Extra {extra}": needs for extra, needs in extras.items()}
    names = {
        heading: {re.split(r"[^\w.-]", text)[0].lower() for text in texts}
        for heading, texts in asked.items()
    }
    listed = notice(root)
    assert {heading: set(rows) for heading, rows in listed.items()} == names
    known = r"(Apache|MIT|BSD|MPL|LGPL|PSF|as in the extra )"
    for rows in listed.values():
        assert all(re.match(known, licence) for licence in rows.values())
    assert "LGPL-3.0" in listed["Extra heic"]["pi-heif"]


def test_the_demo_model_is_small_enough_to_ship(root: Path) -> None:
    assert (root / "productdesc" / "demo" / "model.safetensors").stat().st_size <= 20e6
