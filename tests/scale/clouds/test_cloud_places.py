"""Places in clouds, without one: what is refused, and what is told of a cloud's answers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doubles.loopback import Loopback
from doubles.scaling.cloud_servers import KEYS
from doubles.scaling.scripted_workers import product
from pyarrow import fs

from productdesc import CatalogError, cli
from productdesc.catalogs.openers import OpenOptions
from productdesc.scale import FileJob, read_rows
from productdesc.scale.passes import passes
from productdesc.scale.place import Place, check_no_secret, shown_place
from productdesc.scale.product_rows import product_of
from productdesc.scale.row_plan import PLAN_COLUMNS, RowPlan, make_plan, planned_rows

CANARY = "canary-3c41"
SECRETS = (
    f"s3://AKIA{CANARY}:{CANARY}@shop/out",
    f"s3://AKIA{CANARY}:a/{CANARY}/b@shop/out",  # as Amazon makes them, not quoted
    f"s3://AKIA{CANARY}@shop/out",
    f"gs://user:{CANARY}@shop/out",
    f"abfs://files@shop/out?client_secret={CANARY}",
    f"s3://shop/out?X-Amz-Signature={CANARY}",
)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def answering(status: str, *headers: str, begun: str = "") -> Callable[..., None]:
    """A server of this answer, for requests that begin so; else 200 with nothing."""

    def answer(head: str, connection: socket.socket) -> None:
        line = status if head.startswith(begun) else "200 OK"
        lines = (f"HTTP/1.1 {line}", *headers, "Content-Length: 0", "Connection: close")
        connection.sendall("\r\n".join((*lines, "", "")).encode())

    return answer


def url(cloud: str, port: int) -> str:
    query = f"?endpoint_override=127.0.0.1:{port}&scheme=http"
    more = {"s3": "&region=us-east-1", "gs": "&retry_limit_seconds=1"}[cloud]
    return f"{cloud}://{'anonymous@' * (cloud == 'gs')}shop/out{query}{more}"


@pytest.mark.parametrize("secret", SECRETS)
def test_credentials_in_a_url_are_refused_and_never_shown(
    capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    opened: Callable[[str], Any]
    for opened in (
        Place.of,
        check_no_secret,
        lambda it: next(read_rows(it)),
        lambda it: FileJob(it, "out"),
        lambda it: FileJob("in.jsonl", it),
    ):
        with pytest.raises(ValueError, match=r"holds credentials.*AWS_SECRET") as caught:
            opened(secret)
        assert CANARY not in str(caught.value)
    for words in ((secret, "out"), ("in.jsonl", secret)):
        assert cli.main(["scale", *words, "--ray", "local"]) == 2
    with pytest.raises(SystemExit):
        cli.main(["scale", "in.jsonl", "out", secret, "--ray", "local"])
    printed = capsys.readouterr()
    assert CANARY not in printed.out + printed.err
    assert "AWS_ACCESS_KEY_ID" in printed.err


@pytest.mark.parametrize(
    "place", ["s3://shop/a@b", "gs://anonymous@shop/a", "a:b@c/d", "s3://shop/a?region=x"]
)
def test_what_is_no_credential_is_let_through(place: str) -> None:
    check_no_secret(place)


def test_a_query_is_not_shown() -> None:
    assert shown_place("s3://shop/out?region=x") == "s3://shop/out"
    assert shown_place(Path("out?region=x")) == "out?region=x"


@pytest.mark.parametrize("place", ["s3://", "gs:///out"])
def test_a_url_without_a_bucket_is_told(place: str) -> None:
    with pytest.raises(CatalogError, match=r"it names no bucket: .*://BUCKET/PATH"):
        Place.of(place)


@pytest.mark.parametrize("cloud", ["s3", "gs"])
def test_a_bucket_that_is_not_there_is_named(cloud: str) -> None:
    there = Loopback(answering("404 Not Found"))
    with there, pytest.raises(CatalogError, match="no bucket shop; make it, or") as caught:
        Place.of(url(cloud, there.port))
    assert "out: cannot be opened" in str(caught.value)
    assert "endpoint_override" not in str(caught.value)


@pytest.mark.parametrize("cloud", ["s3", "gs"])
def test_a_bucket_that_may_not_be_asked_for_may_be_used(cloud: str) -> None:
    """Who may only read and write below a folder may not see the bucket."""
    bucket = {"s3": "HEAD /shop HTTP", "gs": "GET /storage/v1/b/shop HTTP"}[cloud]
    with Loopback(answering("403 Forbidden", begun=bucket)) as there:
        assert Place.of(url(cloud, there.port)).path == "shop/out"
    assert any(head.startswith(bucket) for head in there.requests)


@pytest.mark.parametrize("cloud", ["s3", "gs"])
def test_a_cloud_that_permits_nothing_is_told_with_what_to_do(cloud: str) -> None:
    with Loopback(answering("403 Forbidden")) as there:
        place = Place.of(url(cloud, there.port))
        for use in (place.kind, place.read, place.files, place.make):
            with pytest.raises(CatalogError, match=r"the credentials .*may not") as caught:
                use()
            assert str(caught.value).split(": ")[0].endswith("shop/out")
            assert not any(key in str(caught.value) for key in KEYS.values() if "-" in key)


def test_another_region_is_told_with_what_to_do() -> None:
    elsewhere = "x-amz-bucket-region: eu-west-1"
    there = Loopback(answering("301 Moved Permanently", elsewhere))
    told = r"located in 'eu-west-1'.*; give the bucket's region: \.\.\.\?region=NAME"
    with there, pytest.raises(CatalogError, match=told):
        Place.of(url("s3", there.port))


@pytest.mark.parametrize("cloud", ["s3", "gs"])
def test_a_cloud_that_does_not_answer_is_given_up_soon(cloud: str) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and nobody listens
        with pytest.raises(CatalogError, match="is there a network"):
            Place.of(url(cloud, held.getsockname()[1]))


def test_a_server_that_is_busy_is_asked_again() -> None:
    there = Loopback(answering("503 Slow Down"))
    with there, pytest.raises(CatalogError, match="HTTP status 503"):
        Place.of(url("s3", there.port))
    assert len(there.requests) == 3


@pytest.fixture
def elsewhere(tmp_path: Path) -> Place:
    """A filesystem that is not this machine's own, for all that a place can see."""
    held = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())
    return Place(held, "out", "far://out")


def test_a_plan_is_made_from_and_in_a_filesystem_of_pyarrow(
    elsewhere: Place, tmp_path: Path
) -> None:
    given = [product(n) for n in range(3)]
    source = Place(elsewhere.filesystem, "in.jsonl", "far://in.jsonl")
    (tmp_path / "in.jsonl").write_text(
        "".join(f"{one.model_dump_json()}\n" for one in given)
    )
    to = elsewhere.under("plan")
    make_plan(source, to, OpenOptions(), RowPlan((), {}, "d"))
    assert [product_of(row) for row in planned_rows(to, PLAN_COLUMNS)] == given
    assert [one.plan.rows for one in passes(elsewhere)] == [3]
    assert to.files(".part") == []


def test_a_file_is_copied_while_it_is_read_and_the_copy_goes(
    elsewhere: Place, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"x" * 3_000_000)
    with elsewhere.copied("in.jsonl") as copied:
        assert copied.name == "in.jsonl" and copied.stat().st_size == 3_000_000
        assert tmp_path not in copied.parents
    assert not copied.parent.exists()


def test_a_file_that_is_not_written_to_its_end_does_not_stand_there(
    elsewhere: Place,
) -> None:
    elsewhere.make()
    place: Any = elsewhere.under("rows.parquet")
    with pytest.raises(KeyError), place.writing() as file:
        file.write(b"half")
        raise KeyError
    assert place.kind() == ""
    with pytest.raises(CatalogError, match=r"far://out/rows\.parquet: .*No such file"):
        place.read()
