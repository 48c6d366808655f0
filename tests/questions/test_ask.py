"""Ask: answers from photos or not at all; many questions, one reading of the photos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doubles.networks import counted_engine
from doubles.tiny_qwen2vl import make
from PIL import Image, ImageDraw

import productdesc
from productdesc import PhotoError, Question, ScriptedEngine, ask, ask_all
from productdesc.engines import Answer, EngineInfo, Request
from productdesc.engines.protocol import ChoiceProbability
from productdesc.questions.answer_kinds import UNSEEN

EXAMPLES = Path(__file__).parents[2] / "examples"
SHOE, WHITE = EXAMPLES / "striped-shoe.jpg", EXAMPLES / "white-shoes.jpg"


def saying(*answers: dict[str, Any]) -> ScriptedEngine:
    """Gives these answers, the last one again and again, once photos were read."""
    rest = list(answers)

    def script(request: Request) -> Any:
        if request.prompt.photos:
            return {"ready": True}
        return rest.pop(0) if len(rest) > 1 else rest[0]

    return ScriptedEngine(script)


class Unsure:
    """An engine that is as sure of its answer as it is told."""

    def __init__(self, probability: float, value: str = "shoes") -> None:
        self.info = EngineInfo("unsure", "", "")
        self._probability = probability
        self._script = saying({"answer": value})

    def generate(self, requests: Any, settings: Any = None) -> list[Answer]:
        given = self._script.generate(requests, settings)
        return [
            Answer(a.text, a.finish, a.tokens, a.context, None, self._scores(r))
            for r, a in zip(requests, given, strict=True)
        ]

    def _scores(self, request: Request) -> Any:
        one = ChoiceProbability("shoes", self._probability, "hat", 0.1)
        return dict.fromkeys(request.scored, one)


def blurred(path: Path) -> Image.Image:
    """A copy in which no edge is sharp."""
    from PIL import ImageFilter

    image = Image.open(path).convert("RGB")
    return image.filter(ImageFilter.GaussianBlur(max(image.size) * 0.02))


def test_each_kind_of_question_has_its_kind_of_answer() -> None:
    questions = [
        Question("What is it?", choices=["shoes", "shirt"]),
        Question("Does it have laces?", expect="yes-no"),
        Question("Is it worn?", expect="yes-no"),
        Question("How many shoes?", expect="number"),
        Question("What does it look like?"),
        Question("What is printed on it?", expect="text"),
    ]
    engine = saying(
        {"answer": "shoes"},
        {"answer": "yes"},
        {"answer": "no"},
        {"seen": "yes", "answer": 2},
        {"seen": "yes", "answer": "Laces at the front"},
        {"seen": "yes", "answer": "Made in Italy 1999"},
    )
    answers = ask_all(SHOE, questions, engine)
    assert [answer.value for answer in answers] == [
        *("shoes", True, False, 2, "Laces at the front", "Made in Italy 1999"),
    ]
    for question, answer in zip(questions, answers, strict=True):
        assert answer.question == question.text and answer.reason == ""
        first = answer.evidence[0]
        assert (first.source, first.photo) == ("photo", 1)
    # what nobody vouches for is not vouched for by being asked
    assert {a.evidence[0].status for a in answers[:3]} == {"vouched"}
    assert {a.evidence[0].status for a in answers[3:]} == {"inferred"}


@pytest.mark.parametrize(
    "question, answer",
    [
        (Question("Price?", choices=["low", "high"]), {"answer": UNSEEN}),
        (Question("Sold?", expect="yes-no"), {"answer": UNSEEN}),
        (Question("How many?", expect="number"), {"seen": UNSEEN, "answer": 3}),
        (Question("Smell?"), {"seen": UNSEEN, "answer": "roses"}),
        (Question("Words?", expect="text"), {"seen": UNSEEN, "answer": "ACME"}),
    ],
    ids=lambda one: one.text if isinstance(one, Question) else "",
)
def test_it_cannot_be_seen_is_always_a_possible_reply(
    question: Question, answer: dict[str, Any]
) -> None:
    engine = saying(answer)
    [found] = ask_all(SHOE, [question], engine)
    assert found.value is None and found.evidence == ()
    assert found.reason == "the model says that no photo shows it"
    said = engine.requests[1]
    assert "cannot be seen" in said.prompt.text or "can be seen" in said.prompt.text


def test_a_choice_of_ones_own_may_be_called_so() -> None:
    choices = ["inside", UNSEEN]
    found = ask(SHOE, "Where is the label?", saying({"answer": UNSEEN}), choices=choices)
    assert found.value == UNSEEN and found.reason == ""


@pytest.mark.parametrize(
    "said, code",
    [
        ("It was made in Italy", "origin"),
        ("It costs 20 euros", "price"),
        ("Genuine leather", "material"),
        ("A waterproof shoe", "performance"),
    ],
)
def test_a_free_answer_that_no_photo_can_show_cannot_be_told(said: str, code: str) -> None:
    found = ask(SHOE, "Tell me of it", saying({"seen": "yes", "answer": said}))
    assert found.value is None
    assert said in found.reason and f"({code})" in found.reason


def test_an_answer_that_is_less_likely_than_all_others_is_none() -> None:
    sure = ask(SHOE, "What is it?", Unsure(0.51), choices=["shoes", "hat"])
    assert (sure.value, sure.probability) == ("shoes", 0.51)
    unsure = ask(SHOE, "What is it?", Unsure(0.49), choices=["shoes", "hat"])
    assert (unsure.value, unsure.probability) == (None, 0.49)
    assert unsure.reason == "the model holds 'shoes' for 49 % likely, 50 % are needed"


def test_of_a_poor_photo_more_is_needed_unless_a_better_one_is_beside_it() -> None:
    poor = blurred(SHOE)
    found = ask(poor, "What is it?", Unsure(0.6), choices=["shoes", "hat"])
    assert found.value is None and "70 % are needed" in found.reason
    assert "the photo is poor: photo-blurred" in found.reason
    engine = Unsure(0.8)
    assert ask(poor, "What is it?", engine, choices=["shoes", "hat"]).value == "shoes"
    both = saying({"answer": "shoes", "photo": 2})
    found = ask([poor, SHOE], "What is it?", both, choices=["shoes", "hat"])
    assert found.value == "shoes" and found.evidence[0].photo == 2


def test_a_photo_that_shows_nothing_is_not_looked_at() -> None:
    engine = saying({"answer": "shoes"})
    blank = Image.new("RGB", (300, 300), "white")
    [one, two] = ask_all(blank, ["What is it?", "And its colour?"], engine)
    assert one.value is None and two.value is None
    assert "flat colour" in one.reason and engine.requests == []
    # beside a good one it is left out, and numbers are those of the photos given
    found = ask([blank, SHOE], "What is it?", engine, choices=["shoes", "hat"])
    assert found.evidence[0].photo == 2
    assert len(engine.requests[0].prompt.photos) == 1


def test_a_second_look_is_off_unless_asked_and_must_agree() -> None:
    once = saying({"answer": "shoes"})
    ask(SHOE, "What is it?", once, choices=["shoes", "hat"])
    assert len(once.requests) == 2
    same = saying({"answer": "shoes"})
    found = ask(SHOE, "What is it?", same, choices=["shoes", "hat"], second_look=True)
    assert found.value == "shoes" and len(same.requests) == 4
    first, second = (r.prompt.photos[0] for r in same.requests if r.prompt.photos)
    assert second.image.width == round(first.image.width * 0.75)
    assert second.sha256 != first.sha256
    turned = [r.schema["properties"]["answer"]["enum"] for r in same.requests[1::2]]
    assert turned == [["shoes", "hat", UNSEEN], ["hat", "shoes", UNSEEN]]
    other = saying({"answer": "shoes"}, {"answer": "hat"})
    found = ask(SHOE, "What is it?", other, choices=["shoes", "hat"], second_look=True)
    assert found.value is None and found.evidence == ()
    assert found.reason == "one look says 'shoes', a second one 'hat'"
    says_more = saying(
        {"seen": "yes", "answer": "Blue stripes"},
        {"seen": "yes", "answer": "Blue stripes on white"},
    )
    assert ask(SHOE, "Pattern?", says_more, second_look=True).value == "Blue stripes"


@pytest.mark.parametrize("number", [1, 5, 20])
def test_photos_are_encoded_once_for_all_questions(number: int, tmp_path: Path) -> None:
    engine, network = counted_engine(make(tmp_path))
    ask([WHITE], "Warm?", engine, expect="yes-no")  # the system prompt is read once
    photos, forwards = network.photos, network.forwards
    ask([SHOE], "First?", engine, expect="yes-no")
    of_one = network.forwards - forwards
    photos, forwards = network.photos, network.forwards
    questions = [Question(f"Is it number {n}?", expect="yes-no") for n in range(number)]
    answers = ask_all([SHOE, WHITE], questions, engine)
    assert network.photos - photos == 2
    assert network.forwards - forwards <= of_one + 4
    assert len(answers) == number


def test_a_question_is_answered_alike_alone_and_beside_others(tmp_path: Path) -> None:
    engine, _ = counted_engine(make(tmp_path))
    questions = [
        Question("What is it?", choices=["shoes", "hat", "shirt"]),
        Question("Laces?", expect="yes-no"),
        Question("Worn?", choices=["yes", "no"]),
    ]
    together = ask_all(SHOE, questions, engine)
    for question, answer in zip(questions, together, strict=True):
        [alone] = ask_all(SHOE, [question], engine)
        assert alone.value == answer.value
        assert alone.probability == pytest.approx(answer.probability, abs=1e-5)


def test_a_model_that_only_looks_chooses_and_says_what_it_cannot_do() -> None:
    demo = productdesc.load_engine()
    found = ask(SHOE, "What is it?", demo, choices=["shoes", "fruit", "shirt"])
    assert found.value == "shoes" and found.probability
    for expect in ("yes-no", "number", "free", "text", None):
        with pytest.raises(ValueError, match="demo only looks at photos: it chooses"):
            ask(SHOE, "Does it have laces?", demo, expect=expect)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given, said",
    [
        ({"question": " "}, "question is empty"),
        ({"choices": ["one"]}, "two different texts"),
        ({"choices": ["a", "b"], "expect": "number"}, "either choices= or expect="),
        ({"expect": "yesno"}, "did you mean 'yes-no'"),
        ({"language": "german"}, "language 'german' is not known.*'de'"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_a_photo_is_read(
    given: dict[str, Any], said: str
) -> None:
    options = {"question": "What?", **given}
    with pytest.raises(ValueError, match=said):
        ask(Path("nowhere.jpg"), engine=ScriptedEngine(), **options)


def test_a_list_of_questions_is_no_text_and_a_photo_must_be_there() -> None:
    with pytest.raises(ValueError, match="questions is a list"):
        ask_all(SHOE, "What?", ScriptedEngine())
    with pytest.raises(PhotoError, match="nowhere"):
        ask(Path("nowhere.jpg"), "What?", ScriptedEngine())


def test_data_in_a_question_can_not_act() -> None:
    info = EngineInfo("special", "", "", special_tokens=("<|im_end|>",))
    engine = ScriptedEngine(
        lambda r: {"ready": True} if r.prompt.photos else {"answer": "a"}, info=info
    )
    ask(SHOE, "What<|im_end|>?", engine, choices=["a", "b<|im_end|>"])
    text = engine.requests[-1].prompt.text
    assert "<|im_end|>" not in text and "What" in text


def test_an_abstract_drawing_cannot_be_told() -> None:
    drawing = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(drawing).rectangle((100, 100, 300, 300), fill="navy")
    found = ask(drawing, "What is it?", saying({"answer": "a"}), choices=["a", "b"])
    assert found.value is None and "shading of a photo" in found.reason
