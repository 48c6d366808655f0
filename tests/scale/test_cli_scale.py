"""The command `scale`, as far as it goes without Ray: options, mistakes, exit codes."""

from __future__ import annotations

import argparse
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from doubles.scaling import namespaces
from doubles.scaling.scripted_workers import (
    OF_ENVIRONMENT,
    OPTIONS_VARIABLE,
    numbers_written,
    product,
)

from productdesc import cli
from productdesc.cli import scale
from productdesc.cli.chosen_engine import SERVER_KEY

CANARY = "canary-77aa"


def chosen(*words: str) -> argparse.Namespace:
    parsed = cli.commands._parser().parse_args(["scale", "in.jsonl", "out", *words])
    assert isinstance(parsed, argparse.Namespace)
    return parsed


def failing(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit code and what is told of a command that ends before Ray is started."""
    try:
        code = cli.main(["scale", *words])
    except SystemExit as e:
        code = int(str(e.code))
    return code, capsys.readouterr().err


@pytest.mark.heavy
@pytest.mark.parametrize("signals", [1, 2])
def test_a_signal_lets_blocks_end_a_second_drops_them_and_the_same_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signals: int
) -> None:
    """In about a minute; `pytest -m heavy tests/scale/test_cli_scale.py`."""
    source, out, log = tmp_path / "in.jsonl", tmp_path / "out", tmp_path / "log"
    log.mkdir()
    source.write_text("".join(f"{product(n).model_dump_json()}\n" for n in range(120)))
    options = json.dumps({"seconds": 0.1, "log": str(log)})
    monkeypatch.setenv(OPTIONS_VARIABLE, options)
    words = ("-m", "productdesc", "scale", source, out, "--ray", "local", "--workers", "2")
    more = ("--model", OF_ENVIRONMENT, "--channel", "plain", "--block-rows", "8")
    process = namespaces.start(*words, *more)
    while len(numbers_written(log)) < 20:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)
    for _ in range(signals):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 75, text
    assert "stopping: products under way are finished" in text
    told = ["stopped (SIGTERM): ", "stopped at once (SIGTERM): "][signals - 1]
    assert told in text and "Traceback" not in text
    namespaces.output_of(*words, *more)
    numbers = numbers_written(log)
    assert len(set(numbers)) == 120
    assert len(numbers) == 120 or signals == 2  # one drops nothing


def test_options_become_a_job() -> None:
    job = scale._job(chosen(
        "--ray", "auto", "--workers", "9", "--cpus", "0.5", "--gpus", "1", "--block-rows",
        "7", "--batch-size", "3", "--patience", "5", "--limit", "8", "--retry-failed",
        "--column", "title=Nazwa", "--photos-folder", "photos", "--model", "a.b:c",
    ))  # fmt: skip
    cluster, resources = job.cluster, job.cluster.resources
    assert (job.source, job.output, job.limit) == ("in.jsonl", "out", 8)
    assert job.retry_failed and job.engine.is_function
    assert (cluster.address, cluster.workers, cluster.cpus) == ("auto", 9, 6.5)
    assert (resources.gpus, resources.block_rows, resources.batch_size) == (1, 7, 3)
    assert resources.patience_seconds == 5
    assert job.reading.columns == {"title": ["Nazwa"]}
    assert job.reading.photos_folder == Path("photos").absolute()


def test_a_servers_key_is_sent_to_workers_by_its_name_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SERVER_KEY, CANARY)
    words = ("--ray", "local", "--model", "http://h.test/v1", "--allow-host", "http://h:1")
    recipe = scale._job(chosen(*words)).engine
    assert recipe.key_variable == SERVER_KEY and CANARY not in repr(recipe)
    assert recipe.options is not None and recipe.allowed_hosts == ("http://h:1",)
    monkeypatch.delenv(SERVER_KEY)
    assert scale._job(chosen(*words)).engine.key_variable == ""


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("in.jsonl", "out"), 2, "the following arguments are required: --ray"),
        (("in.jsonl", "out", "--ray", "local", "--worker", "2"), 2, "mean --workers?"),
        (("in.jsonl", "out", "--ray", "local", "--workers", "0"), 2, "'0' is no whole"),
        (("in.jsonl", "out", "--ray", "local", "--cpus", "-1"), 2, "cpus is -1.0; it must"),
        (("in.jsonl", "out", "--ray", ""), 2, "address is empty"),
        (("in.jsonl", "out", "--ray", "local", "--language", "xx"), 2, "'xx' is not known"),
        (("in.jsonl", "out", "--ray", "local", "--channel", "shopfy"), 2, "shopify"),
        (("in.jsonl", "ftp://h/x", "--ray", "local"), 3, "ftp://h/x: cannot be opened"),
    ],
)
def test_a_mistake_is_told_before_ray_is_started(
    capsys: pytest.CaptureFixture[str], words: Any, code: int, told: str
) -> None:
    found, text = failing(capsys, *words)
    assert found == code and told in text and "Traceback" not in text


def test_a_source_that_is_missing_is_told_before_ray_is_started(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source, out = str(tmp_path / "no.jsonl"), str(tmp_path / "out")
    code, text = failing(capsys, source, out, "--ray", "local")
    assert code == 3 and "no.jsonl: there is no such file or folder" in text
    assert not (tmp_path / "out").exists()
