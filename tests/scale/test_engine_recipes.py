"""A recipe says how a worker opens its engine, and carries no secret."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from doubles.model_servers.chat_server import ChatServer, fitting
from doubles.scaling import scripted_workers

from productdesc import EngineError, ScriptedEngine
from productdesc.engines import QwenOptions, ServerLimits, ServerOptions
from productdesc.scale import EngineRecipe, describe_dataset

CANARY = "canary-6f2b"
VARIABLE = "PRODUCTDESC_TEST_KEY"


def test_a_function_of_a_module_is_called_with_the_arguments() -> None:
    recipe = EngineRecipe(scripted_workers.NAME, arguments={"model": "mine"})
    assert pickle.loads(pickle.dumps(recipe)).open().info.model == "mine"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no_such_module:engine", "ModuleNotFoundError: No module named 'no_such_module'"),
        (f"{scripted_workers.__name__}:missing", "AttributeError"),
        (f"{scripted_workers.__name__}:number_in", "TypeError"),
        ("builtins:dict", "TypeError: engine is a dict, which is no engine"),
    ],
)
def test_what_gives_no_engine_is_named_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(EngineError, match=f"the engine {name} cannot be opened: {reason}"):
        EngineRecipe(name).open()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"name": "http://h/v1", "options": ServerOptions(api_key=CANARY)}, "a key is not"),
        ({"name": "demo", "key_variable": VARIABLE}, "demo is no URL of a server"),
        ({"name": "a.b:c", "options": QwenOptions()}, "called with arguments="),
        ({"name": "demo", "arguments": {"a": 1}}, "demo is none"),
    ],
)
def test_parts_that_do_not_go_together_are_told(given: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        EngineRecipe(**given)
    assert CANARY not in str(caught.value)


def test_a_key_is_read_where_the_engine_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ChatServer(fitting) as server:
        recipe = EngineRecipe(server.url, key_variable=VARIABLE)
        monkeypatch.delenv(VARIABLE, raising=False)
        with pytest.raises(EngineError, match=f"variable {VARIABLE} is not set"):
            recipe.open()
        monkeypatch.setenv(VARIABLE, CANARY)
        assert recipe.open().info.model == "qwen2-vl"
        assert any(f"Bearer {CANARY}" in head for head in server.heads)
    assert CANARY.encode() not in pickle.dumps(recipe)
    assert CANARY not in repr(recipe) + recipe.digest


def test_another_engine_has_another_digest_and_another_network_has_not() -> None:
    one = EngineRecipe("http://h/v1", options=ServerOptions(top_logprobs=5))
    patient = ServerOptions(top_logprobs=5, limits=ServerLimits(attempts=9))
    same = EngineRecipe("http://h/v1", options=patient, allowed_hosts=("http://a:1",))
    others = [
        EngineRecipe("http://h/v1"),
        EngineRecipe("http://g/v1", options=ServerOptions(top_logprobs=5)),
        EngineRecipe("a.b:c", arguments={"x": 1}),
        EngineRecipe("a.b:c", arguments={"x": 2}),
        EngineRecipe(Path("model")),
        EngineRecipe("demo"),
    ]
    assert one.digest == same.digest
    assert len({one.digest, *(other.digest for other in others)}) == 7
    assert EngineRecipe().digest == EngineRecipe("demo").digest


def test_an_open_engine_is_not_sent_to_workers() -> None:
    engine: Any = ScriptedEngine()
    with pytest.raises(TypeError, match="a ScriptedEngine that is open, which no worker"):
        describe_dataset(None, engine)  # type: ignore[arg-type]


def test_a_typo_is_told_before_ray_is_needed() -> None:
    options: Any = {"chanel": "plain"}
    with pytest.raises(TypeError, match="did you mean 'channel'"):
        describe_dataset(None, "demo", **options)  # type: ignore[arg-type]


def test_importing_loads_no_ray() -> None:
    code = "import sys, productdesc.scale, productdesc.cli.commands as commands\n"
    code += "print('ray' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "False\n", run.stderr
