"""Ask: any question about photos, answered from them or not at all.

Many questions about one product go on from one context, so its photos are read once; no
question sees another. "It cannot be seen" is always a possible reply, and a reply that is
in doubt (`checks/doubt.py`) becomes it, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..checks.check import TextChecker
from ..checks.facts.doubt import answer_doubt, are_poor, look_doubt
from ..engines import Answer, Engine, Prompt, Request
from ..engines.protocol import check_engine
from ..net import Http
from ..photos.measured_colour import measure_colours
from ..prompts import Templates
from ..records import Evidence, Facts, Product
from ..taxonomy import OTHER
from ..text.languages import LANGUAGES, meant_language
from ..text.printable import quoted
from ..words.tokens import forms_of_text
from .answer_kinds import (
    UNSEEN,
    AnswerKind,
    Expect,
    Question,
    RawAnswer,
    Value,
    kind_of,
    read,
)
from .look import SETTINGS, JudgedPhotos, Photos, judge_photos, load_photos, read_photos

__all__ = ["QuestionAnswer", "ask", "ask_all"]


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """The answer to one question, or why it cannot be told.

    `value`: a text, a choice, a number, or True or False of a yes-no question; None where
    it cannot be told, and then `reason` says why. `probability`: the model's own of that
    value, or, of an open answer, that it can be seen at all; 0 to 1, not calibrated; None
    where the engine cannot tell. `evidence`: the photo that it is seen on (from 1, among
    those given), and of a free answer each sentence and claim as copy has them; empty
    where it cannot be told.
    """

    question: str
    value: Value
    probability: float | None
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""


def ask(
    photos: Photos,
    question: str,
    engine: Engine,
    *,
    choices: Sequence[str] | None = None,
    expect: Expect | None = None,
    language: str = "en",
    second_look: bool = False,
    http: Http | None = None,
) -> QuestionAnswer:
    """The answer to a question about one photo, or several of one product.

    photos: a `Path`, bytes, a PIL image, an https URL, or a list of them. choices: what
    the answer is one of; expect: "free" (a few words of `language`; the default),
    "yes-no", "number" (a count) or "text" (words printed on the product). second_look: the
    photos are read once more, smaller, and the question asked once more; what the two
    looks say differently cannot be told. http: for photos that are URLs.

    Raises `PhotoError` for a photo that cannot be read, `ValueError` for a question that
    cannot be asked (also by a model that only looks, which chooses from lists and no more),
    and what the engine raises (`Engine.generate`).
    """
    asked = Question(question, choices, expect)
    [answer] = ask_all(
        photos, [asked], engine, language=language, second_look=second_look, http=http
    )
    return answer


def ask_all(
    photos: Photos,
    questions: Sequence[Question | str],
    engine: Engine,
    *,
    language: str = "en",
    second_look: bool = False,
    http: Http | None = None,
) -> list[QuestionAnswer]:
    """An answer for each question, in order; the photos are read once for all of them.

    A text is a question with a free answer. Raises what `ask` raises, before any photo is
    read where the question is at fault.
    """
    check_engine(engine)
    asked = check_questions(questions, language, engine)
    judged = judge_photos(load_photos(photos, http))
    if why := judged.why_none:
        return [QuestionAnswer(one.text, None, None, reason=why) for one, _ in asked]
    session = _Session(
        engine, Templates(special_tokens=engine.info.special_tokens), language, judged
    )
    first = session.answers(asked, judged)
    if second_look:
        again = session.answers([_turned(one) for one in asked], judged.second)
        return [
            session.compared(one, *looks)
            for one, looks in zip(asked, zip(first, again, strict=True), strict=True)
        ]
    return [session.judged(one, raw) for one, raw in zip(asked, first, strict=True)]


_Asked = tuple[Question, AnswerKind]


def check_questions(
    questions: Sequence[Question | str], language: str, engine: Engine | None = None
) -> list[_Asked]:
    """The questions with the kinds of their answers.

    `ValueError` for one that cannot be asked; with an engine also for one that its model
    cannot be asked.
    """
    if isinstance(questions, str):
        raise ValueError(f"questions is a list, not the text {questions!r}; or call ask")
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not known{meant_language(language)}")
    whole = [Question(one) if isinstance(one, str) else one for one in questions]
    asked = [(one, kind_of(one)) for one in whole]
    for question, kind in asked:
        if engine and kind.name != "choice" and not engine.info.writes:
            raise ValueError(
                f"{engine.info.model} only looks at photos: it chooses from lists and "
                f"cannot be asked {quoted(question.text, 'name')}, which wants another "
                "answer; give choices=, or use a model that writes, such as Qwen2-VL"
            )
    return asked


def _turned(one: _Asked) -> _Asked:
    """The same question with its choices the other way round: models like the first."""
    question, kind = one
    return question, kind._replace(values=kind.values[::-1])


class _Session(NamedTuple):
    """What all questions of one call share."""

    engine: Engine
    templates: Templates
    language: str
    photos: JudgedPhotos

    def answers(self, asked: Sequence[_Asked], seen: JudgedPhotos) -> list[RawAnswer]:
        """What the model says in one look at the photos."""
        [context] = read_photos(self.engine, self.templates, [seen.photos])
        requests = [
            Request(
                Prompt("", self._prompt(question, kind)),
                kind.schema(len(seen.photos)),
                context,
                ends=True,
                scored=(kind.pointer,),
            )
            for question, kind in asked
        ]
        said: list[Answer] = self.engine.generate(requests, SETTINGS)
        return [read(kind, answer) for (_, kind), answer in zip(asked, said, strict=True)]

    def _prompt(self, question: Question, kind: AnswerKind) -> str:
        texts = {
            "question": question.text,
            "expect": kind.name,
            "choices": kind.choices,
            "unseen": UNSEEN,
            "photos": len(self.photos.photos),
            "language": LANGUAGES[self.language],
        }
        return self.templates.of_texts("ask.j2", texts).text

    def judged(self, one: _Asked, raw: RawAnswer) -> QuestionAnswer:
        """The answer, unless it cannot be told."""
        question, kind = one
        names = [photo.name for photo in self.photos.photos]
        findings = self.photos.findings
        is_poor = are_poor(findings, names)
        doubt = answer_doubt(raw.shown, raw.probability, findings, is_poor=is_poor)
        if raw.value is None:
            doubt = "the model says that no photo shows it"
        evidence: tuple[Evidence, ...] = ()
        if not doubt:
            evidence, doubt = self._evidence(kind, raw)
        if doubt:
            return QuestionAnswer(question.text, None, raw.probability, reason=doubt)
        return QuestionAnswer(question.text, raw.value, raw.probability, evidence)

    def compared(self, one: _Asked, first: RawAnswer, second: RawAnswer) -> QuestionAnswer:
        """The first look's answer, where the second one's is the same."""
        answer = self.judged(one, first)
        if answer.value is None or _agree(first.value, second.value):
            return answer
        reason = look_doubt(first.shown, second.shown)
        return replace(answer, value=None, evidence=(), reason=reason)

    def _evidence(
        self, kind: AnswerKind, raw: RawAnswer
    ) -> tuple[tuple[Evidence, ...], str]:
        """Who vouches for the answer, and why it cannot be told after all."""
        photo = self.photos.numbers[raw.photo - 1]
        shown = Evidence(
            value=raw.shown,
            source="photo",
            photo=photo,
            status="inferred" if kind.open else "vouched",
            confidence=raw.probability,
        )
        if kind.name != "free":
            return (shown,), ""
        checked = TextChecker.of(
            product=Product(),
            facts=Facts(category=OTHER),
            measured=[measure_colours(one) for one in self.photos.photos],
            language=self.language,
            prompts=(),
        ).check({"answer": str(raw.value)})
        removed = [one for one in checked.findings if one.severity == "removed"]
        if removed:
            why = f"the model says {quoted(raw.shown, 'name')}: {removed[0].message}"
            return (), why
        return (shown, *checked.evidence["answer"]), ""


def _agree(first: Value, second: Value) -> bool:
    """Whether two looks say the same; of words, one may say more than the other."""
    if not (isinstance(first, str) and isinstance(second, str)):
        return first == second
    one, other = set(forms_of_text(first)), set(forms_of_text(second))
    return one <= other or other <= one
