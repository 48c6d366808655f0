"""`load_engine`: which engine a name leads to, with which options, and plug-ins."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from doubles.plugin_wheel import install, python

from productdesc.engines import HfOptions, QwenOptions, ServerOptions, load_engine
from productdesc.engines.loaders import local_engine
from productdesc.errors import EngineError
from productdesc.net import NetworkAccess

KEY = "sk-canary-91c2"


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        (None, ServerOptions(), ["the demo model", "QwenOptions", "not ServerOptions"]),
        ("a/b", ServerOptions(api_key=KEY), ["a/b", "QwenOptions", "not ServerOptions"]),
        (Path("x"), ServerOptions(), ["x", "QwenOptions", "not ServerOptions"]),
        (
            "http://127.0.0.1:9/v1",
            QwenOptions(compile=True),
            ["http://127.0.0.1:9/v1", "ServerOptions", "not QwenOptions"],
        ),
        (f"https://me:{KEY}@x.example/v1", QwenOptions(), ["https://x.example/v1"]),
    ],
)
def test_options_of_another_engine_are_a_type_error_that_names_both(
    name: str | Path | None, options: QwenOptions | ServerOptions, words: list[str]
) -> None:
    with pytest.raises(TypeError) as caught:
        load_engine(name, options)
    assert all(word in str(caught.value) for word in words)
    assert KEY not in str(caught.value)


def test_options_are_imported_without_torch_and_without_http() -> None:
    code = (
        "import sys; from productdesc import QwenOptions, ServerOptions;"
        "QwenOptions(device='cpu'); ServerOptions(api_key='x');"
        "print({'torch', 'httpx', 'transformers'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "set()\n", run.stderr


def test_the_key_of_a_server_is_shown_nowhere() -> None:
    options = ServerOptions(api_key=KEY)
    assert KEY not in repr(options)
    assert options.key is not None and options.key.reveal() == KEY
    assert replace(options, model="m").key is options.key
    with pytest.raises(TypeError, match="a secret is text"):
        ServerOptions(api_key=7)  # type: ignore[arg-type]


def test_a_name_that_leads_nowhere_says_what_names_there_are() -> None:
    with pytest.raises(EngineError, match="'no-such' is neither a folder nor a hub id"):
        load_engine("no-such")


PLUGIN = '''
"""Engines in a package of their own."""
import productdesc

def echo():
    return productdesc.ScriptedEngine(lambda request: request.prompt.text)

def broken():
    raise RuntimeError("no licence\\nhere")

def wrong():
    return 7

number = 7
'''

ENTRY_POINTS = """
[productdesc.engines]
echo = acme_engines:echo
broken = acme_engines:broken
wrong = acme_engines:wrong
number = acme_engines:number
absent = acme_engines:absent
demo = acme_engines:broken
folder = acme_engines:broken
acme/model = acme_engines:broken
"""

Python = Callable[[str], str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Python:
    """Runs code where the package is installed, and gives what it prints."""
    site = tmp_path_factory.mktemp("plugin") / "site"
    install(site, "acme_engines", {"acme_engines": PLUGIN}, ENTRY_POINTS)
    (site / "folder").mkdir()
    head = "from productdesc import *\nfrom productdesc.engines import *\n"

    def run(code: str) -> str:
        done = python(site, "-c", f"import os; os.chdir({str(site)!r})\n{head}{code}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_an_engine_of_another_package_is_loaded_by_its_name(run: Python) -> None:
    code = (
        "engine = load_engine('echo')\n"
        "request = Request(Prompt('', 'hello'), {'type': 'string'})\n"
        "print(engine.generate([request])[0].text)"
    )
    assert run(code) == '"hello"\n'


def test_a_broken_plug_in_is_one_line_with_its_package_and_the_reason(
    run: Python,
) -> None:
    code = (
        "for name in ('broken', 'wrong', 'number', 'absent'):\n"
        "    try: load_engine(name)\n"
        "    except EngineError as e: print(e)\n"
        "try: load_engine('echo', QwenOptions())\n"
        "except TypeError as e: print(e)"
    )
    broken, wrong, number, absent, options = run(code).splitlines()
    assert "RuntimeError: no licence here" in broken
    assert "gave a int, which is no engine" in wrong
    assert all(
        "(productdesc.engines) of package acme" in line
        for line in (broken, wrong, number, absent)
    )
    assert "takes no options, and QwenOptions was given" in options


def test_built_in_names_win(run: Python) -> None:
    code = (
        "for name in ('demo', 'folder', 'acme/model'):\n"
        "    try: print(load_engine(name, QwenOptions(offline=True)).info.model)\n"
        "    except EngineError as e: print(e)"
    )
    demo, folder, hub = run(code).splitlines()
    assert demo == "demo"
    assert "plug-in" not in folder + hub
    assert "hub's cache" in hub


@pytest.mark.parametrize(
    ("config", "engine"),
    [
        ({"model_type": "qwen2_vl"}, "qwen2vl"),
        ({"model_type": "llava"}, "hf"),
        ({"model_type": "unheard_of"}, "hf"),
        ({}, "qwen2vl"),
    ],
)
def test_the_config_alone_picks_the_engine(
    tmp_path: Path, config: dict[str, str], engine: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    assert local_engine(tmp_path) == local_engine(str(tmp_path)) == engine


def test_where_there_is_no_config_the_fast_engine_says_what_is_missing(
    tmp_path: Path,
) -> None:
    assert local_engine(tmp_path) == "qwen2vl"
    with pytest.raises(EngineError, match=r"holds no config\.json"):
        load_engine(tmp_path)
    assert local_engine(None) == local_engine("demo") == "qwen2vl"
    assert local_engine("nobody/nothing", offline=True) == "qwen2vl"


def test_a_hub_models_config_is_read_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0" * 40
    snapshot = tmp_path / "models--some--llava" / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text('{"model_type": "llava"}', "utf-8")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert local_engine("some/llava", revision=commit, offline=True) == "hf"


def test_an_architecture_that_nobody_tried_is_named_before_anything_is_loaded(
    tmp_path: Path,
) -> None:
    config = {"model_type": "fuyu", "architectures": ["FuyuForCausalLM"]}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(EngineError, match=r"'fuyu' .* known: llava \(LlavaForCond"):
        load_engine(tmp_path)
    with pytest.raises(EngineError, match=r"'fuyu' .* known: qwen2_vl"):
        load_engine(tmp_path, QwenOptions())


def test_options_pick_the_engine_and_the_two_see_the_same_model(tmp_path: Path) -> None:
    from doubles.tiny_qwen2vl import make

    folder = make(tmp_path)
    fast = load_engine(folder, QwenOptions(device="cpu"))
    by_transformers = load_engine(folder, HfOptions(device="cpu"))
    assert type(fast).__name__ == "Qwen2VLEngine"
    assert type(by_transformers).__name__ == "HfEngine"
    assert fast.info.weights_digest == by_transformers.info.weights_digest
    assert fast.info.name != by_transformers.info.name


def test_a_network_is_of_a_server_only() -> None:
    with pytest.raises(TypeError, match="network= is of a server"):
        load_engine("some/model", network=NetworkAccess())
