"""The command line with models that transformers runs: a walk, and the list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles.families.tiny_families import make

from productdesc.cli import main
from productdesc.engines.hf.families import FAMILIES

DOCUMENTED = "docs/models.md"


@pytest.mark.parametrize("chosen", [[], ["--engine", "hf"]])
def test_a_photo_is_described_by_a_model_of_transformers(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str], chosen: list[str]
) -> None:
    folder = make("smolvlm", tmp_path / "model")
    photo = root / "examples" / "striped-shoe.jpg"
    command = ["describe", str(photo), "--model", str(folder), "--device", "cpu"]
    code = main([*command, "--max-tokens", "30", "--fields", "title", "--json", *chosen])
    out = capsys.readouterr().out
    assert code == 0, out
    description = json.loads(out)
    assert description["title"]
    assert description["provenance"]["model"] == "model"
    assert description["provenance"]["settings"]["engine"] == "hf"


def test_the_list_names_what_transformers_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    for title in ("LLaVA 1.5", "LLaVA-NeXT", "SmolVLM", "Idefics3", "Gemma 3"):
        assert any(title in row["note"] for row in rows.values()), title
    llava = rows["llava-hf/llava-1.5-7b-hf"]
    assert llava["get"] == "hf download llava-hf/llava-1.5-7b-hf"


def test_the_page_on_models_has_a_row_for_each_family(root: Path) -> None:
    page = (root / DOCUMENTED).read_text("utf-8")
    for kind, family in FAMILIES.items():
        photos = family.max_photos or "any"
        assert f"| {family.title} | `{kind}` | {photos} |" in page
