"""`productdesc finetune`: from a shop's file, or a journal, to an adapter that is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from doubles.tuning.small_shop import COLOURS, lessons, options, photo, tiny_base

from productdesc import ScriptedEngine, sync
from productdesc.cli import main
from productdesc.engines.checkpoint.weight_files import digest
from productdesc.finetune import EDITED_WEIGHT, make_data, read_data
from productdesc.records import Product

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")  # in that order
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: object) -> tuple[int, str, str]:
        code = main(["finetune", *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JSON lines file of ten products beside their photos."""
    folder = tmp_path_factory.mktemp("shop")
    rows = []
    for number in range(10):
        name, paint = [*COLOURS.items()][number % len(COLOURS)]
        (folder / f"{number}.png").write_bytes(photo(number, paint))
        rows.append(
            {
                "id": f"p{number}",
                "title": f"{name.title()} bag",
                "description": f"A {name} bag for every day.",
                "photos": [f"{number}.png"],
                "attributes": {"colour": name},
                "present": {"category": "Luggage" if number % 2 else "Shoes"},
            }
        )
    (folder / "shop.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return folder


def reading(shop: Path) -> list[object]:
    return [shop / "shop.jsonl", "--photos-folder", shop]


@pytest.mark.timeout(1800)  # four whole commands
def test_a_shop_becomes_data_and_data_an_adapter(
    run: Run, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, adapter = tmp_path / "data", tmp_path / "adapter"
    replay = tmp_path / "known" / "hat"
    replay.mkdir(parents=True)
    for number in (21, 22, 23):
        (replay / f"{number}.png").write_bytes(photo(number, "#c01818"))
    code, out, err = run(
        "data", *reading(shop), "-o", data, "--kind", "bag=Luggage",
        "--replay", replay.parent, "--validation", 0.2, "--model", "demo",
    )  # fmt: skip
    assert code == 0, err
    assert "for demo, 13 looks and 0 texts of 13 groups" in out
    assert "new in the model's list: bag" in out and "replayed: hat 3" in out
    assert "left out, see left-out.jsonl: texts 10" in out
    assert "looks and does not write" in err
    found = read_data(data)
    assert {one.kind for one in found.examples} == {"bag", "shoes", "hat"}

    code, out, err = run(
        "train", data, "-o", adapter, "--device", "cpu", "--max-steps", 2, "--every", 1,
        "--batch-size", 2,
    )  # fmt: skip
    assert code == 0, err
    assert "best held-out loss" in out and "use it with --adapter" in out
    assert "memory, computed: " in err and "step 2 of 2: loss" in err

    words = ["describe", shop / "1.png", "--adapter", adapter, "--json"]
    assert main([*map(str, words)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["provenance"]["settings"]["adapter"] == "adapter"
    labelled = ["evaluate", "catalogue", str(data / "test")]
    assert main([*labelled, "--out", str(tmp_path / "before")]) == 0
    capsys.readouterr()
    again = ["--adapter", str(adapter), "--compare", str(tmp_path / "before"), "--json"]
    assert main([*labelled, *again]) == 0
    results = json.loads(capsys.readouterr().out)
    tests = len(found.of("test"))
    assert results["n-samples"]["catalogue"] == {"original": tests, "effective": tests}
    assert results["comparison"]["n"] == tests > 0


def test_the_four_commands_run_as_they_are_written(
    shop: Path, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """A folder stands in for the hub id, and RUN is a run of the base."""
    folder = tiny_base(tmp_path / "base", general=True).checkpoint.folder
    monkeypatch.chdir(tmp_path)

    def ran(words: str) -> str:
        assert main([*words.split()]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    made = ran(f"finetune data {shop}/shop.jsonl --photos-folder {shop} -o data/")
    assert "for any general model, 10 looks and 20 texts" in made
    model = f"--model {folder}"
    trained = ran(f"finetune train data/ {model} -o adapter/")
    assert "best held-out loss" in trained
    ran(f"evaluate catalogue data/test {model} --out RUN")
    tuned = f"{model} --adapter adapter/"
    compared = ran(f"evaluate catalogue data/test {tuned} --compare RUN")
    assert "products in both runs, 0 in one only or changed" in compared
    described = ran(f"describe {root}/examples/striped-shoe.jpg {tuned} --json")
    provenance = json.loads(described)["provenance"]
    shown = json.loads(ran("models --adapter adapter/ --json"))
    assert shown["base_digest"] == digest([folder / "model.safetensors"])
    assert shown["base_model"] == "base" and shown["rank"] == 16
    lines = [(folder / "model.safetensors"), *(Path("adapter") / n for n in ADAPTER_FILES)]
    sums = "".join(f"{sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in lines)
    assert provenance["weights_digest"] == sha256(sums.encode()).hexdigest()


def test_approved_and_edited_copy_of_a_journal_is_taught(run: Run, tmp_path: Path) -> None:
    base = tiny_base(tmp_path / "base")
    path = tmp_path / "autumn.db"

    def products() -> Iterator[Product]:
        for number in range(10):
            name, paint = [*COLOURS.items()][number % len(COLOURS)]
            file = tmp_path / f"{number}.png"
            file.write_bytes(photo(number, paint))
            yield Product(
                id=f"p{number}", title="Item", photos=[file], attributes={"colour": name}
            )

    def answer(request: Any) -> Any:
        properties = request.schema["properties"]
        if "category" in properties:
            return {
                "category": "shoes",
                "attributes": {"colour": "navy", "pattern": "solid"},
                "text": [],
            }
        return {
            "title": "A thing to carry", "description": "It is easy to carry and to use.",
        }  # fmt: skip

    engine = ScriptedEngine(answer)
    with sync.Journal(path) as journal:
        options: Any = {"channel": "plain", "fields": ["title", "description"]}
        assert len([*sync.run(journal, products(), engine, **options)]) == 10
        for number in range(9):  # the tenth is decided by nobody
            change = {"title": "Our own words"} if number == 4 else {}
            _approve(journal, f"p{number}", change)
    out = tmp_path / "data"
    code, text, err = run(
        "data", path, "-o", out, "--model", base.checkpoint.folder, "--max-pixels", 12544,
        "--fields", "title,description",
    )  # fmt: skip
    assert code == 0, err
    data = read_data(out)
    by_product = {one.product: one for one in data.examples}
    assert set(by_product) == {f"p{number}" for number in range(9)}
    assert "edited by a person, and weighed more: 1" in text
    edited = by_product["p4"]
    assert edited.weight == EDITED_WEIGHT and edited.origin == "journal"
    assert by_product["p3"].weight == 1
    answers = [json.loads(turn.completion) for turn in edited.turns]
    assert {"title": "Our own words"} in answers
    assert answers[0]["category"] == "shoes"
    assert answers[0]["attributes"]["pattern"] == "solid"


def _approve(journal: sync.Journal, product_id: str, edits: dict[str, str]) -> None:
    seen = sync.look(journal, product_id)
    if edits:
        sync.decide(journal, seen, "edit", edits=edits)
        seen = sync.look(journal, product_id)
    sync.decide(journal, seen, "approve")


MISTAKES: dict[str, tuple[list[object], int, str]] = {
    "no folder": (["data", "shop.csv"], 2, "-o/--out"),
    "train for what model": (
        ["train", "data", "-o", "y"],
        2,
        "--model: name the model to tune; the data is for any general model",
    ),
    "a revision of no model": (
        ["data", "shop.csv", "-o", "x", "--revision", "abc"],
        2,
        "--revision: it is of a model; give --model with it",
    ),
    "a kind without a category": (
        ["data", "shop.csv", "-o", "x", "--kind", "bag"],
        2,
        "KEY=VALUE",
    ),
    "a share": (["data", "shop.csv", "-o", "x", "--test", "0.9"], 2, "test is 0.9"),
    "a server": (
        ["train", "x", "-o", "y", "--model", "http://127.0.0.1:1/v1"],
        3,
        "a model on a server cannot be tuned from here",
    ),
    "no data": (["train", "nowhere", "-o", "y"], 3, "finetune data` makes"),
    "a rate": (
        ["train", "x", "-o", "y", "--learning-rate", "7"],
        2,
        "learning_rate is 7.0",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_told(
    case: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.csv").write_text("sku,name\na,A jug\n")
    words, expected, message = MISTAKES[case]
    if words[1] == "data":
        make_data(lessons(4), None, tmp_path / "data", options())
    try:
        code, _, err = run(*words)
    except SystemExit as e:
        code, err = int(str(e.code)), capsys.readouterr().err
    assert code == expected and message in err, err
