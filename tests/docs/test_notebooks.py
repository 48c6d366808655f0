"""The notebooks run from top to bottom, and are stored without their outputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def code_cells(path: Path) -> list[Any]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_stored_without_outputs(path: Path) -> None:
    nbformat.validate(nbformat.read(path, as_version=4))
    for cell in code_cells(path):
        assert cell.outputs == [] and cell.execution_count is None


def ran(name: str) -> tuple[list[str], str]:
    """The pages that a notebook shows, and all that it prints."""
    notebook = nbformat.read(FOLDER / name, as_version=4)
    client = NotebookClient(
        notebook, timeout=500, resources={"metadata": {"path": str(FOLDER)}}
    )
    # Of so small a model's threads all but one spin, which is slow on a busy machine.
    client.execute(env={**os.environ, "OMP_NUM_THREADS": "1"})
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    shown = [o.data["text/html"] for o in outputs if "text/html" in o.get("data", {})]
    printed = "".join(
        o.text for o in outputs if o.output_type == "stream" and o.name == "stdout"
    )
    assert "Traceback" not in printed
    return shown, printed


def test_the_quickstart_notebook_runs_and_shows_photo_and_text_side_by_side() -> None:
    shown, printed = ran("01_quickstart.ipynb")
    assert len(shown) == 4
    for page in shown:
        assert "data:image/jpeg;base64," in page and 'data-field="title"' in page
    assert "attribute brand" in printed
    assert "Write for skaters." in printed


def test_the_shopify_notebook_goes_from_export_to_import_file() -> None:
    shown, printed = ran("02_shopify_export.ipynb")
    assert sum("data:image/jpeg;base64," in page for page in shown) == 3
    assert "white-canvas written kept: " in printed
    assert "seo_description: '' -> " in printed
    assert "URL handle" in printed


def test_the_nightly_notebook_kills_its_job_and_resumes_it() -> None:
    _, printed = ran("03_nightly_job.ipynb")
    assert "killed: True" in printed
    assert "drafts in the journal: True" in printed
    assert "described now: True" in printed
    assert "{'generated': 24}" in printed
    assert "drafts made in all: 24" in printed
    assert "24 written" in printed


def test_the_notebook_of_questions_shows_answers_doubts_and_verdicts() -> None:
    _, printed = ran("04_ask_and_moderate.ipynb")
    assert "striped-shoe | shoes | \n" in printed
    assert "demo only looks at photos: it chooses from lists" in printed
    assert "How many shoes? | 2 | " in printed and "1 photo was read" in printed
    assert "What does it cost? | None | the model says that no photo shows it" in printed
    assert "(origin): a photo cannot show it and no merchant data states it" in printed
    assert "flat colour" in printed and "the photo is poor: photo-blurred" in printed
    assert "alt | Black shoes | rules" in printed and "Foto" not in printed
    assert "Butterfly knife | refuse | pass\nButter knife | pass | pass" in printed
    assert "Genuine ivory carving | refuse | refuse" in printed
    assert "yes | refuse | [" in printed and "cannot be seen | review | [" in printed
    assert "exit code 0 True\n3 rows" in printed


def test_the_notebook_of_prompts_sets_them_beside_each_other() -> None:
    shown, printed = ran("05_which_prompt.ipynb")
    assert sum("The image shows an amazing item." in page for page in shown) == 3
    assert "vouched         shipped 1.00, named 0.75, generic 0.33" in printed
    assert "generic against shipped, 3 products\n  vouched  -0.667" in printed
    assert "6 descriptions by two prompts\nasked so: True" in printed


def test_the_notebook_of_the_shops_own_voice_shows_what_the_checks_hold() -> None:
    shown, printed = ran("06_your_own_voice.ipynb")
    assert "exit code 0" in printed and 'tone = "Address the reader' in printed
    assert "5 examples, about" in printed
    assert "Canvas shoe\nA white shoe of canvas.\ncopied-example" in printed
    assert "de | Harbour | Leder 0,5 kg" in printed and "fr | Harbour | cuir" in printed
    assert "A shoe of canvas. It comes in three colours. The red one" in printed
    assert 'lost-fact | your description says "Wash at 30 °C"' in printed
    assert len(shown) == 1 and "<ins" in shown[0] and "<del" in shown[0]


def test_the_teaching_notebook_makes_data_trains_and_describes_with_the_adapter() -> None:
    _, printed = ran("07_teach_it_your_shop.ipynb")
    assert "new: sneaker" in printed
    assert "left out: texts - demo looks and does not write" in printed
    assert '"category":"sneaker"' in printed
    assert "memory, computed: " in printed and "step 12 of 12: loss " in printed
    assert "after - sneaker" in printed
