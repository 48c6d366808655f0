"""`productdesc review`: addresses, passwords, and wrong use."""

from __future__ import annotations

import argparse
import io
import json
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from doubles.review.commands import Reviewer, review_process
from doubles.review.jobs import PHOTOS, described, products

from productdesc.cli import main
from productdesc.cli.review.addresses import address_of
from productdesc.review.doors.passwords import Passwords


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("job") / "job.db"
    described(path, [*products(2)])
    return path


def refused(capsys: pytest.CaptureFixture[str], *given: object) -> tuple[int, str]:
    code = main(["review", *map(str, given)])
    out, err = capsys.readouterr()
    assert out == ""
    return code, err


def test_the_link_lets_one_browser_in(job: Path) -> None:
    with review_process(job, "--as", "Ada", "--labels", "de") as (_, link):
        assert link.startswith("http://127.0.0.1:")
        reviewer = Reviewer(link)
        page = reviewer.get("/shopify/en/").text
        assert '<html lang="de"' in page and "Ada" in page and "Zu prüfen" in page
        assert reviewer.get("/api/session").json()["who"] == "Ada"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((), "--journal FILE is missing"),
        (("--host", "0.0.0.0"), "that needs --passwords FILE"),
        (("--host", "192.0.2.1"), "that needs --passwords FILE"),
        (("--host", "::"), "that needs --passwords FILE"),
        (("--host", "0.0.0.0", "--passwords", "{file}"), "--behind-proxy"),
        (("--host", "0.0.0.0", "--passwords", "{file}", "--behind-proxy"), "--origin URL"),
        (("--host", "0.0.0.0", "--passwords", "{file}", "--behind-proxy",
          "--origin", "http://copy.example"), "no address such as https://"),
        (("--origin", "copy.example"), "no address such as"),
        (("--origin", "https://copy.example/page"), "no address such as"),
        (("--port", "70000"), "0 to 65535"),
        (("--tls-cert", "{file}"), "belong together"),
        (("--passwords", "nowhere.txt"), "there is no such file"),
        (("--passwords", "{file}"), "line 1: is no `name:hash`"),
    ],
)  # fmt: skip
def test_wrong_use_says_what_to_do(
    job: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: tuple[str, ...],
    why: str,
) -> None:
    file = tmp_path / "reviewers.txt"
    file.write_text("Ada:nothing\n", "utf-8")
    words = [word.format(file=file) for word in given]
    code, err = refused(capsys, *words, *(["--journal", job] if given else []))
    assert (code, why in err) == (2, True), err


def test_a_journal_that_is_not_there_is_told(
    job: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, err = refused(capsys, "--journal", tmp_path / "none.db")
    assert (code, "there is no such journal" in err) == (3, True)
    code, err = refused(capsys, "--journal", job, "--channel", "google")
    assert (code, "has no such job; it has: shopify in en" in err) == (3, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, err = refused(capsys, "--journal", job, "--port", port)
    assert code == 3 and "name another --port" in err


def test_a_password_is_hashed_and_is_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Ada\na good long one\n"))
    assert main(["review", "--hash-password"]) == 0
    line = capsys.readouterr().out
    assert line.startswith("Ada:scrypt$") and "good" not in line
    file = tmp_path / "reviewers.txt"
    file.write_text(line, "utf-8")
    passwords = Passwords.read(file)
    assert passwords.is_right("Ada", "a good long one")
    assert not passwords.is_right("Ada", "another long one")


def chosen(**more: Any) -> argparse.Namespace:
    known = {"host": "127.0.0.1", "port": 0, "origin": [], "passwords": None,
             "tls_cert": None, "tls_key": None, "behind_proxy": False}  # fmt: skip
    return argparse.Namespace(**known | more)


def test_a_browser_knows_it_by_its_own_names_only() -> None:
    here = address_of(chosen())
    assert here.origins(8765) == [
        "http://127.0.0.1:8765", "http://localhost:8765", "http://[::1]:8765",
    ]  # fmt: skip
    assert address_of(chosen(host="::1")).first(1) == "http://[::1]:1"
    named = address_of(chosen(origin=["https://Copy.example/"]))
    assert named.origins(8765) == ["https://copy.example"]


def test_with_a_model_the_page_itself_answers_who_asks_again(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    source = tmp_path / "in.jsonl"
    photo = PHOTOS[0]
    row = {"id": "S1", "title": "Shoes", "photos": [str(photo)]}
    source.write_text(json.dumps(row) + "\n", "utf-8")
    run = ["sync", "run", str(source), "--journal", str(path)]
    given = ["--channel", "shopify", "--photos-folder", str(photo.parent)]
    assert main([*run, *given]) == 0
    with review_process(path, "--model") as (_, link):
        reviewer = Reviewer(link)
        item = reviewer.get("/api/shopify/en/product", id="S1").json()
        body = {"product_id": "S1", "digest": item["digest"], "seed": 7}
        answer = reviewer.post("ask", body | {"fields": ["description"]})
        assert answer.status_code == 200, answer.text
        until = time.monotonic() + 60
        while time.monotonic() < until:
            now = reviewer.get("/api/shopify/en/product", id="S1").json()
            if now["state"] == "generated":
                break
            time.sleep(0.2)
    assert now["state"] == "generated" and now["wish"] == ""
    assert now["described_at"] > item["described_at"]
