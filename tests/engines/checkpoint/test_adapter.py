"""LoRA adapters in an engine: found, named, digested, written down; the command line."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import socket

import pytest
import torch
from doubles.adapters.peft_adapters import make_adapter, rewrite, tiny_base, with_adapter
from doubles.loopback import Loopback, reply
from doubles.pictures import jpeg, picture

from productdesc import EngineError, QwenOptions, describe, load_engine, sync
from productdesc.cli import EXIT_CODES, main
from productdesc.cli.sync.remembered import recalled
from productdesc.engines import Engine
from productdesc.engines.checkpoint.adapter import CONFIG, WEIGHTS
from productdesc.engines.checkpoint.hub import locate_adapter
from productdesc.engines.qwen2vl.modeling.model import load_network

COMMIT = "c0ffee" + "0" * 34
NAME = "someone/shoes-lora"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # tiny shapes: a second thread only waits
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base") / "tiny-vl")


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapter") / "shoes-lora"
    return make_adapter(base, folder, target_modules=["q_proj", "v_proj", "lm_head"])


def engine(base: Path, adapter: Path | None = None) -> Engine:
    options = QwenOptions(device="cpu", max_pixels=28 * 28 * 12, adapter=adapter)
    return load_engine(base, options)


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---- what an engine says of it -----------------------------------------------------------


def test_an_engine_says_which_adapter_and_its_answers_are_others(
    base: Path, adapter: Path
) -> None:
    plain, merged = engine(base), engine(base, adapter)
    assert merged.info.options == {**plain.info.options, "adapter": "shoes-lora"}
    assert merged.info.name.endswith("/adapter=shoes-lora")
    assert "adapter='shoes-lora'" in repr(merged)
    assert merged.info.weights_digest != plain.info.weights_digest
    photo = picture()
    texts = [describe(photo, one, fields=["title"]) for one in (plain, merged)]
    assert texts[0].title != texts[1].title
    assert texts[1].provenance.settings["adapter"] == "shoes-lora"
    assert "adapter" not in texts[0].provenance.settings
    assert texts[1].provenance.weights_digest == merged.info.weights_digest


def test_the_digest_is_over_the_weights_and_both_files_of_the_adapter(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    weights = base / "model.safetensors"
    files = (weights, adapter / CONFIG, adapter / WEIGHTS)
    lines = "".join(f"{sha(path)}  {path.name}\n" for path in files)
    found = engine(base, adapter).info.weights_digest
    assert found == hashlib.sha256(lines.encode()).hexdigest()
    elsewhere = shutil.copytree(adapter, tmp_path / "a" / "other-name")
    assert engine(base, elsewhere).info.weights_digest == found  # whatever its name
    rewrite(elsewhere, lora_alpha=9)  # the same tensors, and other weights
    assert sha(elsewhere / WEIGHTS) == sha(adapter / WEIGHTS)
    assert engine(base, elsewhere).info.weights_digest != found


def test_without_an_adapter_the_digest_is_that_of_the_weights_alone(base: Path) -> None:
    assert engine(base).info.weights_digest == sha(base / "model.safetensors")
    assert "adapter" not in engine(base).info.name


@pytest.mark.parametrize(
    ("named", "warns"),
    [
        ("someone/tiny-vl", False),
        ("/their/machine/Tiny-VL/", False),
        ("C:\\models\\tiny-vl", False),
        (None, False),
        ("Qwen/Qwen2-VL-7B-Instruct", True),
    ],
)
def test_an_adapter_of_another_base_is_merged_with_a_warning(
    base: Path,
    adapter: Path,
    tmp_path: Path,
    named: str | None,
    warns: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    copy = shutil.copytree(adapter, tmp_path / "shoes-lora")
    rewrite(copy, base_model_name_or_path=named)
    with caplog.at_level(logging.WARNING, "productdesc"):
        load_network(with_adapter(base, copy), device="cpu")
    told = [r.getMessage() for r in caplog.records if r.name == "productdesc.engines"]
    text = f"adapter shoes-lora was trained on {named}, and is merged into tiny-vl"
    assert told == ([text] if warns else [])


def test_what_a_trainer_leaves_beside_an_adapter_is_not_read(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(adapter, tmp_path / "shoes-lora")
    for name in ("optimizer.pt", "training_args.bin", "rng_state.pth", "README.md"):
        (copy / name).write_bytes(b"\x80\x04garbage")
    found = engine(base, copy).info
    assert found.weights_digest == engine(base, adapter).info.weights_digest


# ---- where it comes from -----------------------------------------------------------------


@pytest.fixture
def cache(adapter: Path, tmp_path: Path) -> Path:
    """A hub cache as huggingface_hub lays it out: snapshots of links to blobs."""
    model = tmp_path / "cache" / f"models--{NAME.replace('/', '--')}"
    snapshot = model / "snapshots" / COMMIT
    for folder in (snapshot, model / "blobs", model / "refs"):
        folder.mkdir(parents=True)
    (model / "refs" / "main").write_text(COMMIT, "utf-8")
    for path in (adapter / CONFIG, adapter / WEIGHTS):
        blob = model / "blobs" / sha(path)
        shutil.copy(path, blob)
        (snapshot / path.name).symlink_to(Path("../../blobs") / blob.name)
    return tmp_path / "cache"


@pytest.mark.parametrize("revision", [None, "main", COMMIT])
def test_a_cached_adapter_of_the_hub_is_found_offline_at_its_commit(
    base: Path, cache: Path, revision: str | None
) -> None:
    found = locate_adapter(NAME, revision=revision, offline=True, cache=cache)
    assert (found.name, found.revision) == (NAME, COMMIT)
    network = load_network(with_adapter(base, found.folder), device="cpu")
    assert network.dtype == torch.float32


def test_an_adapter_that_is_not_cached_says_how_to_get_it(cache: Path) -> None:
    other = "f" * 40
    with pytest.raises(EngineError, match=f"hf download {NAME} --revision {other}"):
        locate_adapter(NAME, revision=other, offline=True, cache=cache)
    (cache / "models--someone--shoes-lora" / "snapshots" / COMMIT / WEIGHTS).unlink()
    with pytest.raises(EngineError, match="only partly in the hub's cache"):
        locate_adapter(NAME, offline=True, cache=cache)


def test_wrong_names_and_revisions_of_an_adapter_are_refused(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match="adapter 'shoes' is neither a folder nor"):
        load_engine(base, QwenOptions(adapter="shoes"))
    with pytest.raises(EngineError, match="no such folder"):
        load_engine(base, QwenOptions(adapter=tmp_path / "absent"))
    with pytest.raises(ValueError, match="adapter_revision= counts only for the hub"):
        load_engine(base, QwenOptions(adapter=adapter, adapter_revision="main"))
    with pytest.raises(ValueError, match="adapter_revision is given, and no adapter"):
        QwenOptions(adapter_revision="main")
    # it is small, and so comes before a model is downloaded
    with pytest.raises(EngineError, match="adapter 'shoes'"):
        load_engine("someone/large-vl", QwenOptions(adapter="shoes", offline=True))


def sha1(body: bytes) -> str:
    return hashlib.sha1(body).hexdigest()


def hub(files: dict[str, bytes]) -> Callable[[str, socket], None]:
    """A stand-in for the hub: one repository at one commit."""

    def answer(head: str, connection: socket) -> None:
        method, path = head.split()[:2]
        path = path.partition("?")[0]
        name = path.rpartition("/")[2]
        if path.startswith(f"/api/models/{NAME}/revision/"):
            listed = [{"rfilename": name} for name in files]
            body = json.dumps({"id": NAME, "sha": COMMIT, "siblings": listed}).encode()
            connection.sendall(reply(body, "200 OK", "Content-Type: application/json"))
        elif path.startswith(f"/api/models/{NAME}/tree/"):
            listed = [
                {
                    "type": "file",
                    "path": n,
                    "size": len(b),
                    "oid": hashlib.sha1(b).hexdigest(),
                }
                for n, b in files.items()
            ]
            body = json.dumps(listed).encode()
            connection.sendall(reply(body, "200 OK", "Content-Type: application/json"))
        elif path == f"/{NAME}/resolve/{COMMIT}/{name}" and name in files:
            body = files[name]
            tag = f'ETag: "{sha1(body)}"'
            sent = reply(body, "200 OK", tag, f"X-Repo-Commit: {COMMIT}")
            connection.sendall(sent if method == "GET" else sent[: -len(body)])
        else:
            connection.sendall(reply(b"", "404 Not Found"))

    return answer


def test_an_adapter_is_downloaded_once_and_nothing_but_its_two_files(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    files = {name: (adapter / name).read_bytes() for name in (CONFIG, WEIGHTS)}
    others = {"optimizer.pt": b"\x80", "README.md": b"#"}
    code = (
        "import sys; from productdesc import load_engine, QwenOptions\n"
        f"options = QwenOptions(adapter={NAME!r}, device='cpu')\n"
        "info = load_engine(sys.argv[1], options).info\n"
        "print(info.options['adapter'], info.options['adapter_revision'])"
    )
    with Loopback(hub({**files, **others})) as served:
        environment = {
            **os.environ,
            "HF_ENDPOINT": f"http://127.0.0.1:{served.port}",
            "HF_HUB_CACHE": str(tmp_path),
            "HF_HUB_DISABLE_XET": "1",
        }
        environment.pop("HF_HUB_OFFLINE", None)
        for _ in range(2):
            before = len(served.requests)
            run = subprocess.run(
                [sys.executable, "-c", code, str(base)],
                env=environment,
                capture_output=True,
                text=True,
            )
            assert run.stdout.split() == [NAME, COMMIT], run.stderr
        assert len(served.requests) == before  # the second read what is cached
    fetched = {path.name for path in tmp_path.rglob("snapshots/*/*")}
    assert fetched == {CONFIG, WEIGHTS}


# ---- the command line --------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_describe_takes_an_adapter(
    base: Path, adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "shoe.jpg"
    photo.write_bytes(jpeg())
    command = ("describe", photo, "--model", base, "--fields", "title", "--json")
    small = ("--device", "cpu", "--max-pixels", 28 * 28 * 12)
    code, out, err = run(capsys, *command, *small, "--adapter", adapter)
    assert code == 0, err
    provenance = json.loads(out)["provenance"]
    assert provenance["settings"]["adapter"] == "shoes-lora"
    assert provenance["weights_digest"] == engine(base, adapter).info.weights_digest


MISTAKES = (
    (
        "describe x.jpg --adapter shoes",
        3,
        "adapter 'shoes' is neither a folder nor a hub id",
    ),
    (
        "describe x.jpg --adapter-revision main",
        2,
        "adapter_revision is given, and no adapter",
    ),
    (
        "describe x.jpg --model http://127.0.0.1:9/v1 --adapter shoes",
        3,  # a server has loaded it; its list of categories is read here
        "adapter 'shoes' is neither a folder nor a hub id",
    ),
    ("review --journal j.db --adapter a/b", 2, "--adapter: it is of a model; give --model"),
)


@pytest.mark.parametrize(("command", "code", "message"), MISTAKES)
def test_mistakes_with_an_adapter_are_told_in_a_line(
    command: str,
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.jpg").write_bytes(jpeg())
    found, _, err = run(capsys, *command.split())
    assert (found, message in err) == (code, True), err
    assert code in EXIT_CODES


COMMANDS = (
    "describe",
    "convert",
    "evaluate catalogue",
    "calibrate",
    "sync run",
    "sync retry",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_takes_a_model_takes_an_adapter(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, *command.split(), "--help")
    assert code == 0
    assert "--model" in out and "--adapter NAME" in out and "--adapter-revision" in out


def test_a_job_remembers_its_adapter_until_another_model_is_chosen(
    base: Path, adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop, journal = tmp_path / "shop.jsonl", tmp_path / "j.db"
    shop.write_text('{"id": "p0", "title": "Red shirt", "attributes": {"brand": "A"}}\n')
    small = ("--device", "cpu", "--fields", "title", "--max-tokens", 8)
    model = ("--model", base, "--adapter", adapter, *small)
    code, _, err = run(capsys, "sync", "run", shop, "--journal", journal, *model)
    assert code == 0, err
    with sync.Journal(journal, create=False) as opened:

        def adapter_with(**chosen: str | None) -> str | None:
            named = Namespace(channel=None, language=None, **chosen)
            found: str | None = recalled(opened, named, {}).adapter
            return found

        assert adapter_with(model=None) == str(adapter)
        assert adapter_with(model=str(base)) == str(adapter)
        assert adapter_with(model="someone/other-vl") is None
        assert adapter_with(model="someone/other-vl", adapter="a/b") == "a/b"
