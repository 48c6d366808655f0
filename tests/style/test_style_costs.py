"""What a style costs: read once a job in the local engine, and told with an estimate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.small_jobs import SHORT, CountingEngine, product, run
from doubles.networks import WrappedNetwork
from doubles.pictures import picture
from doubles.tiny_qwen2vl import make

from productdesc import Product, Style, describe_many, sync
from productdesc.cli import main
from productdesc.engines import Settings
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.qwen2vl.load_engine import build_engine
from productdesc.engines.qwen2vl.modeling.model import Part, load_network

EXAMPLES = [
    {
        "data": {"brand": f"Brand {n}"},
        "copy": {"title": f"Title {n}", "description": "Aa " * 40},
    }
    for n in range(3)
]
STYLE = Style(tone="Warm and plain.", examples=EXAMPLES)
SETS = Style(examples={"mugs": EXAMPLES})


def tokens_read(folder: Path, style: Style | None, products: int) -> int:
    """Tokens of prompts that the network is given for so many products."""
    lengths: list[int] = []

    class Counted(WrappedNetwork):
        def forward(self, parts: Sequence[Part]) -> Any:
            # a step of one token is written, not read
            lengths.extend(n for p in parts if (n := len(p.steps[0].ids)) > 1)
            return super().forward(parts)

    engine = build_engine(
        inspect(folder),
        lambda checkpoint: Counted(load_network(checkpoint, device="cpu")),
        max_pixels=28 * 28 * 4,
    )
    some = [
        Product(id=str(n), photos=picture(), attributes={"type": "Mugs"})
        for n in range(products)
    ]
    outcomes = describe_many(
        some,
        engine,
        style=style,
        fields=["title"],
        categories=["mugs", "other product"],
        visible={"colour": ["red", "blue"]},
        settings=Settings(max_tokens=8),
    )
    assert len(list(outcomes)) == products
    return sum(lengths)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tiny") / "model")


def test_a_fixed_set_is_read_once_a_job_and_a_set_a_category_by_each_product(
    folder: Path,
) -> None:
    """One product more reads no more with the style than without; with sets it does."""
    one, two, five = (
        {n: tokens_read(folder, style, n) for n in (1, 5)} for style in (None, STYLE, SETS)
    )
    cost = two[1] - one[1]
    assert cost > 100
    assert two[5] - one[5] == pytest.approx(cost, rel=0.05)
    each = five[1] - one[1]
    assert each > 100
    assert five[5] - one[5] == pytest.approx(5 * each, rel=0.05)


# ---- where it is told -----------------------------------------------------------------


def test_an_estimate_names_the_tokens_of_the_style(tmp_path: Path) -> None:
    found = []
    for number, style in enumerate((None, STYLE, SETS)):
        with sync.Journal(tmp_path / f"{number}.db") as journal:
            found.append(
                sync.estimate(
                    journal,
                    map(product, range(30)),
                    CountingEngine(),
                    channel="plain",
                    fields=["title"],
                    style=style,
                )
            )
    assert [(e.style_once, e.style_each) for e in found] == [
        (0, 0),
        (STYLE.tokens_once, 0),
        (0, SETS.tokens_each),
    ]


def test_a_job_names_the_style_where_it_makes_drafts_stale(tmp_path: Path) -> None:
    with sync.Journal(tmp_path / "j.db") as journal:
        run(journal, map(product, range(2)), CountingEngine())
        run(journal, map(product, range(2)), CountingEngine(), style=Style())
        assert not sync.job_status(journal).stale
        # none of the source's products, so that what is stale stays to be seen
        style = Style(avoid=("cheap",))
        next(sync.run(journal, [], CountingEngine(), **SHORT, style=style))
        assert [r.kind for r in sync.job_status(journal).stale] == ["stale: style"]


def test_the_command_line_takes_a_style_file_and_refuses_a_wrong_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "style.toml"
    path.write_text('avoid = ["shoes"]', "utf-8")
    asked = ["describe", "--title", "Shoes", "--fields", "title", "--style", str(path)]
    assert main(asked) == 0
    assert "avoid" in capsys.readouterr().out
    path.write_text('tune = "Warm"', "utf-8")
    assert main(asked) == 2
    assert "style.toml: a style has no 'tune'; did you mean 'tone'?" in (
        capsys.readouterr().err
    )
    path.write_text('tone = "Warm"', "utf-8")
    assert main(asked) == 2  # the demo model looks only
    assert "tone and examples of style= need a model that writes" in capsys.readouterr().err
