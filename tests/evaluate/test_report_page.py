"""The report page: one file, worst first, and nothing on it is anybody's markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from doubles.pictures import jpeg

from productdesc.evaluate import Case, Metric, Reply, Sample, Task
from productdesc.evaluate.reliability import judged, reliability
from productdesc.evaluate.report_page import MOST_SHOWN, report_html, worst_first
from productdesc.evaluate.task import ScoredChoice, sample_of

EVIL = '<script>alert("1")</script>'


def score(case: Case, outcome: float) -> float:
    return outcome


def counts(case: Case, outcome: float) -> float:
    return float(outcome >= 0)


TASK = Task(
    name="toy",
    cases=lambda: iter(()),
    answers=lambda cases: iter(()),
    metrics=(Metric("f1", score, counts),),
    identity={"model": f"m{EVIL}", "model_revision": "", "weights_digest": "w" * 64,
              "prompt_digest": "p" * 64},
)  # fmt: skip


def sample(number: int, value: float, sure: float | None = None, name: str = "") -> Sample:
    choices = (ScoredChoice("category", sure, value > 0),) if sure else ()
    target = {"category": f"expected {EVIL}", "attributes": {"colour": "red"}}
    case = Case(name or f"id{number}", f"p{number}", None, target, "")
    answer = {"category": f"answered {EVIL}", "bullets": ["one", "two"]}
    reply = Reply(case, value, answer, sure, choices, error=EVIL if number == 0 else "")
    return sample_of(TASK, number, reply, 0.5)


class Page(HTMLParser):
    """The page's elements, and the ids of its samples in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.feed(text)
        self.ids = re.findall(r"<b>(id\d+)", text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


def no_photos(sample_id: str) -> Iterator[bytes]:
    return iter(())


def test_the_worst_come_first_and_of_those_the_surest() -> None:
    samples = [sample(0, 1.0, 0.9), sample(1, 0.0, 0.6), sample(2, 0.0, 0.99),
               sample(3, -1.0), sample(4, 0.5, 0.1)]  # fmt: skip
    assert [one.id for one in worst_first(samples, "f1")] == [
        "id2",
        "id1",
        "id4",
        "id0",
        "id3",
    ]
    assert Page(report_html(TASK, samples, no_photos, {})).ids == [
        "id2", "id1", "id4", "id0", "id3",
    ]  # fmt: skip


def test_photos_stand_beside_what_was_expected_and_answered() -> None:
    page = report_html(TASK, [sample(0, 0.0, 0.7)], lambda _: iter([jpeg(), jpeg()]), {})
    parsed = Page(page)
    assert parsed.tags.count("img") == 2
    assert all(source.startswith("data:image/jpeg;base64,") for source in parsed.sources)
    for text in ("expected &lt;script", "answered &lt;script", "colour: red", "one | two",
                 "f1 0.00", "confidence 0.700"):  # fmt: skip
        assert text in page
    assert "script" not in parsed.tags and EVIL not in page


def test_the_page_has_every_figure_with_its_interval() -> None:
    page = report_html(TASK, [sample(n, float(n % 2)) for n in range(10)], no_photos, {})
    assert "0.500 (0.199 to 0.801) ~" in page and "seconds" in page and "seed 0" in page


def test_a_diagram_is_on_the_page_where_choices_were_judged() -> None:
    samples = [sample(n, float(n % 2), 0.8) for n in range(10)]
    found = reliability(judged(samples))
    assert found
    page = report_html(TASK, samples, no_photos, {"Reliability": found})
    assert Page(page).tags.count("svg") == 1
    assert "a perfectly calibrated model would show" in page


def test_a_page_of_a_large_run_shows_the_worst_only() -> None:
    samples = [sample(n, 0.0) for n in range(MOST_SHOWN + 50)]
    page = report_html(TASK, samples, no_photos, {})
    assert f"{MOST_SHOWN} of {MOST_SHOWN + 50} samples" in page
    assert len(Page(page).ids) == MOST_SHOWN
