"""Many light workers in front of a real server: it dies meanwhile, comes back, all is done.

    pytest -n0 -m heavy tests/scale/test_scaled_server.py -s      # minutes each

vLLM only where an environment for it is named, see docs/server.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doubles.model_servers import vllm_server
from doubles.scaling import namespaces

CLEAR = ("striped-shoe.jpg", "fruits.jpg")
"""Photos of which no other kind is nearly as likely, however requests share a batch."""


def report_of(kind: str, folder: Path) -> dict[str, Any]:
    from doubles.scaling import server_run  # not before what it needs is known to be there

    text = namespaces.output_of(server_run.__file__, folder, kind, seconds=1_500)
    report: dict[str, Any] = json.loads(text.partition("REPORT ")[2])
    print(kind, json.dumps(report))
    return report


@pytest.mark.heavy
@pytest.mark.timeout(1_600)
@pytest.mark.parametrize("kind", ["llama.cpp", "vllm"])
def test_a_server_that_dies_and_comes_back_is_waited_for(kind: str, tmp_path: Path) -> None:
    if kind == "vllm":
        vllm_server.interpreter()
    else:
        pytest.importorskip("xllamacpp", reason="needs the wheel xllamacpp")
        pytest.importorskip("gguf", reason="needs the package gguf")
    report = report_of(kind, tmp_path)
    rows, bad = report["rows"], report["bad"]
    assert report["written"] == [*range(rows)]  # none is lost, none is there twice
    assert report["statuses"] == {"described": rows - 1, "failed": 1}
    assert report["reasons"].keys() == {bad} and "broken.jpg" in report["reasons"][bad]
    assert 0 < report["died_after"] < rows and report["lost"]
    each, most = report["of_each_worker"], report["most_at_once"]
    assert each < most <= each * report["workers"]
    counts = report["photos"]
    assert sum(counts.values()) == rows - 1
    for name in CLEAR:
        assert report["equal"][name] == counts[name], report
