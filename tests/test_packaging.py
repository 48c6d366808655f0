"""What is in the wheel: code, types, templates and the demo model, and nothing else."""

from __future__ import annotations

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
    for template in (root / "templates").iterdir():
        assert f"productdesc/templates/{template.name}" in names
    for name in ("config.json", "model.safetensors", "tokenizer.json", "productdesc.json"):
        assert f"productdesc/demo/{name}" in names
    assert "productdesc/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_no_tests_and_no_photos_are_in_the_wheel(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"productdesc"}
    assert not [n for n in names if n.endswith((".jpg", ".png", ".pyc", ".pt"))]


def test_the_demo_model_is_small_enough_to_ship(root: Path) -> None:
    assert (root / "productdesc" / "demo" / "model.safetensors").stat().st_size <= 20e6
