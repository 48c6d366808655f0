"""Many light workers in front of a real server: it dies meanwhile, comes back, all is done.

pytest -m heavy tests/scale/test_scaled_server.py        # about a minute each
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles.scaling import namespaces, server_run
from doubles.scaling.server_run import ROWS

pytest.importorskip("xllamacpp", reason="needs the wheel xllamacpp")
pytest.importorskip("gguf", reason="needs the package gguf")


@pytest.mark.heavy
def test_a_server_that_dies_and_comes_back_is_waited_for(tmp_path: Path) -> None:
    text = namespaces.output_of(server_run.__file__, tmp_path, seconds=500)
    report = json.loads(text.partition("REPORT ")[2])
    assert 0 < report["died_after"] < ROWS
    assert report["statuses"] == {"described": ROWS}
