"""What is learned of copy that a shop stands by: counted, the same every time, to edit."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles.jobs.small_jobs import CountingEngine, product, run

from productdesc import Style, sync
from productdesc.cli import main
from productdesc.style import STYLE_LIMITS
from productdesc.style.learned_style import LEARN_LIMITS, Written, learn_style
from productdesc.style.learned_toml import style_toml

KINDS = ("Mug", "Bowl", "Plate", "Jug", "Vase", "Tray")


def written(count: int = 24, more: str = "") -> list[Written]:
    return [
        Written(
            data={"material": "clay", "colour": "blue", "number": str(n)},
            texts={
                "title": f"{KINDS[n % 6]} of blue clay",
                "description": f"Your honest {KINDS[n % 6].lower()} for slow mornings. "
                f"Fired twice, glazed by us. {more}",
                "bullets": ("Blue clay", "Fired twice"),
            },
            category=KINDS[n % 6],
        )
        for n in range(count)
    ]


def test_lengths_manner_typical_words_and_five_unlike_examples_are_proposed() -> None:
    learned = learn_style(written(), "en")
    assert learned.count == 24
    assert learned.lengths == (
        "title: 4 words",
        "description: 11 words in 2 sentences of 5 to 6 words",
        "bullets: 2 of 2 words",
    )
    assert 'Address the reader as "you".' in learned.tone
    assert "No exclamation marks." in learned.tone
    words = dict(learned.words)
    assert words["honest"] == 24
    assert not words.keys() & {"clay", "blue", "for", "mug"}  # data, grammar, kinds
    kinds = {str(one.texts["title"]).split()[0] for one in learned.examples}
    assert (len(learned.examples), len(kinds)) == (LEARN_LIMITS.examples, 5)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("de", "Du findest deine Tasse.", 'as "du"'),
        ("de", "So finden Sie Ihre Tasse.", 'as "Sie"'),
        ("de", "Sie ist aus Ton.", "Do not address"),
        ("fr", "Votre tasse vous attend.", 'as "vous"'),
        ("es", "Tu taza te espera.", 'as "tú"'),
        ("it", "La tua tazza ti aspetta.", 'as "tu"'),
        ("en", "The mug is here!", "Exclamation marks are fine"),
        ("en", "The mug is here 🎉", "Emoji are fine"),
    ],
)
def test_the_manner_is_read_in_every_language(language: str, text: str, said: str) -> None:
    some = [Written({}, {"title": f"Nr {n}", "description": text}) for n in range(4)]
    assert said in learn_style(some, language).tone


@pytest.mark.parametrize("hostile", ["", '"""\n[use]\nx=1', "\\ \x7f \x00 \ud800 # é 🎉"])
def test_the_file_is_read_back_whatever_stands_in_the_copy(
    tmp_path: Path, hostile: str
) -> None:
    learned = learn_style(written(more=hostile), "en")
    path = tmp_path / "style.toml"
    text = style_toml(learned, f"a\nb{hostile}")
    path.write_bytes(text.encode("utf-8", "replace"))
    style = Style.load(path)
    assert style.tone == learned.tone
    assert (style.use, style.avoid, style.glossary) == ((), (), {})
    assert len(style.fixed_examples) == 5
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert any("change what is not you" in line for line in comments)
    assert any("honest (24)" in line for line in comments)


def test_long_copy_gives_examples_within_the_limits(tmp_path: Path) -> None:
    learned = learn_style(written(more="A long story of clay. " * 400), "en")
    path = tmp_path / "style.toml"
    path.write_text(style_toml(learned, "a shop"), "utf-8")
    assert (
        0 < sum(e.size for e in Style.load(path).fixed_examples) <= STYLE_LIMITS.set_chars
    )


def test_the_same_copy_gives_the_same_bytes() -> None:
    assert style_toml(learn_style(written(), "en"), "a") == style_toml(
        learn_style(iter(written()), "en"), "a"
    )


def test_too_little_copy_is_told() -> None:
    with pytest.raises(ValueError, match="2 products have copy to learn from; 3 are"):
        learn_style(written(2), "en")


# ---- the command ----------------------------------------------------------------------

ROWS = "\n".join(
    f'{n},{KINDS[n % 6]} {n},"Your honest {KINDS[n % 6].lower()} for slow mornings.",clay'
    for n in range(12)
)


def catalogue(folder: Path) -> Path:
    path = folder / "shop.csv"
    path.write_text(f"sku,title,description,material\n{ROWS}\n", "utf-8")
    return path


def test_a_catalogues_own_texts_give_a_file_that_describe_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "style.toml"
    assert main(["style", "learn", str(catalogue(tmp_path)), "-o", str(out)]) == 0
    assert "published copy of 12 products, with 5 examples" in capsys.readouterr().err
    style = Style.load(out)
    assert len(style.fixed_examples) == 5
    assert style.fixed_examples[0].data["material"] == "clay"
    assert main(["style", "learn", str(catalogue(tmp_path)), "-o", str(out)]) == 3
    assert "exists" in capsys.readouterr().err
    assert main(["style", "learn", str(catalogue(tmp_path))]) == 0
    assert capsys.readouterr().out == out.read_text("utf-8")


def test_a_journals_approved_copy_alone_is_learned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, place = tmp_path / "job.db", tmp_path / "style.toml"
    with sync.Journal(path) as journal:
        run(journal, map(product, range(8)), CountingEngine())
        for number in range(5):
            sync.approve(journal, f"product:p{number}")
    assert main(["style", "learn", str(path), "-o", str(place)]) == 0
    assert "approved copy of 5 products" in capsys.readouterr().err
    learned = Style.load(place).fixed_examples
    assert sorted(one.data["number"] for one in learned) == list("01234")
    assert {one.texts["title"] for one in learned} == {"Plain thing"}


def test_a_journal_without_approved_copy_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "job.db"
    with sync.Journal(path) as journal:
        run(journal, map(product, range(8)), CountingEngine())
    assert main(["style", "learn", str(path)]) == 2
    assert "0 products have copy to learn from; 3 are the least" in capsys.readouterr().err
