"""Forms that are refused: no text that a person typed is lost, nothing happens twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
from doubles.review.jobs import described, products
from doubles.review.served import BASE, Served, Visitor, served, text_of

from productdesc.records import TEXT_FIELDS
from productdesc.review.limits import LIMITS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("stale") / "job.db"
    described(path, [*products(9)])
    with served(path) as made:
        yield made


@pytest.fixture
def ada(server: Served) -> Iterator[Visitor]:
    made = server.visitor()
    yield made
    made.client.close()


def changed(server: Served, name: str) -> None:
    """Bob edits a product meanwhile."""
    bob = server.visitor("Bob")
    body = {"product_id": name, "digest": bob.digest(name), "verb": "edit",
            "edits": {"title": "Shoes of Bob"}}  # fmt: skip
    assert bob.api("decide", body).status_code == 200
    bob.client.close()


def verbs(ada: Visitor, name: str) -> list[str]:
    found = ada.api("trail", id=name).json()["decisions"]
    return [one["verb"] for one in found]


@pytest.mark.parametrize(
    ("name", "page", "fields"),
    [
        ("S1", "edit", {"description": "First line\r\nsecond line"}),
        ("S2", "decide", {"verb": "refuse", "reason": "First line; second line"}),
        ("S3", "ask", {"note": "First line\r\nsecond line"}),
    ],
)
def test_a_clash_gives_back_what_was_typed_who_was_quicker_and_the_filter(
    ada: Visitor, name: str, page: str, fields: dict[str, str]
) -> None:
    digest = ada.digest(name)
    changed(ada.served, name)
    where = "product:S1 or product:S2 or product:S3"
    answer = ada.post(page, id=name, digest=digest, where=where, **fields)
    assert answer.status_code == 409
    text = text_of(answer)
    assert "First line" in text and "second line" in text and "\\nsecond" not in text
    assert f"Bob edited {name}" in text
    assert "where=product%3AS1" in answer.text


def test_a_text_that_cannot_be_stored_stands_in_the_form_still(ada: Visitor) -> None:
    typed = "too long " * LIMITS.text_chars
    answer = ada.post("edit", id="S4", digest=ada.digest("S4"), description=typed)
    assert answer.status_code == 400
    assert answer.text.count(typed.strip()) == 2  # above, and in the form
    assert f"Description: the text has more than {LIMITS.text_chars}" in text_of(answer)
    assert verbs(ada, "S4") == []


@pytest.mark.parametrize("ended", ["session", "form"])
def test_a_session_that_ended_costs_nobody_a_text(server: Served, ended: str) -> None:
    ada = server.visitor()
    form = {"csrf": ada.csrf, "id": "S4", "digest": ada.digest("S4"), "title": "Typed <b>"}
    if ended == "session":
        ada.client.cookies.clear()
    else:
        assert ada.client.get(server.link()).status_code == 200
    headers = {"origin": server.origin}
    answer = ada.client.post(f"{BASE}/edit", data=form, headers=headers)
    assert answer.status_code == 403
    assert "Typed &lt;b&gt;" in answer.text and "no session" not in answer.text
    foreign = ada.client.post(f"{BASE}/edit", data=form, headers={"origin": "http://evil"})
    assert "Typed" not in foreign.text
    ada.client.close()


@pytest.mark.parametrize(
    ("name", "verb"), [("S5", "approve"), ("S6", "refuse"), ("S7", "ignore")]
)
def test_a_button_that_is_pressed_twice_decides_once(
    ada: Visitor, name: str, verb: str
) -> None:
    form = {"id": name, "digest": ada.digest(name), "verb": verb}
    places = [ada.post("decide", **form).headers["location"] for _ in range(2)]
    assert verbs(ada, name) == [verb]
    assert places[0].partition("done=")[2] == places[1].partition("done=")[2]


def test_two_who_approve_the_same_make_one_decision(ada: Visitor) -> None:
    body = {"product_id": "S8", "digest": ada.digest("S8"), "verb": "approve"}
    codes: list[int] = []
    both = [ada, ada.served.visitor("Bob")]
    threads = [
        threading.Thread(target=lambda v=v: codes.append(v.api("decide", body).status_code))
        for v in both
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    both[1].client.close()
    assert sorted(codes) == [200, 409]
    assert verbs(ada, "S8") == ["approve"]


def test_a_product_that_may_not_be_edited_has_no_button_for_it(ada: Visitor) -> None:
    assert 'data-open="edit"' in ada.get("product", id="S9").text
    assert ada.decide("S9", "ignore").status_code == 303
    assert 'data-open="edit"' not in ada.get("product", id="S9").text


@pytest.mark.parametrize("name", [n for n in TEXT_FIELDS if n != "alt_texts"])
def test_a_field_that_stands_twice_in_a_form_is_refused(ada: Visitor, name: str) -> None:
    fields = {name: ["one", "two"]}
    answer = ada.post("edit", id="S4", digest=ada.digest("S4"), **fields)
    assert answer.status_code == 400
    assert verbs(ada, "S4") == []


def test_a_number_of_one_is_told_as_one(ada: Visitor) -> None:
    text = text_of(ada.get("", where="product:S4"))
    assert "1 product " in text and "Approve 1" in text and "1 products" not in text


def test_a_moment_is_told_in_plain_words(ada: Visitor) -> None:
    page: httpx.Response = ada.get("trail")
    assert " UTC</time>" in page.text
    assert "T" not in page.text.partition('">20')[2][:20].partition(" UTC")[0]
