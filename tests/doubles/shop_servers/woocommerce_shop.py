"""The state of a WooCommerce shop, in database form, and what a request does to it.

Measured on a real one: WooCommerce 10.5.0 over WordPress 6.8.8 and 7.1.0.
"""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from doubles.shop_servers.woocommerce_keys import (
    FORBIDDEN,
    SHOP_ROLES,
    Key,
    Keys,
    WooError,
    refused,
)
from doubles.shop_servers.woocommerce_rows import (
    alt_text,
    attribute,
    blank,
    dates,
    plain_line,
)
from doubles.wordpress.stored import sent, stored_together

TEXTS = ("name", "description", "short_description")

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


@dataclass
class Fault:
    """The next `times` requests of `method` whose path holds `path` go wrong.

    method: "*": every request that is to change something.

    how: "reset" (nothing done), "apply-then-drop", "apply-later" (done by `catch_up`),
    "half" (done, half an answer), "hang" (done, no answer in time), or a whole HTTP answer
    (status, headers, body) that is given instead of doing anything. With applies=True the
    request is carried out before that answer.
    """

    method: str
    path: str
    how: str | Answer
    times: int = 1
    applies: bool = False


class Shop:
    """The state of a shop. `changes` has every request that changed content, in order.

    A product's texts stand as in the database, and so do its images: `images` are the
    featured one and the gallery, `thumbnail` is the featured one's id or 0.

    role: of the key's user. home: the site's address where it is not what is asked for
    here, "http://shop.example/shop". plain_permalinks: the REST API is not at its place.
    """

    def __init__(
        self,
        key: str,
        secret: str,
        *,
        permissions: str = "read_write",
        role: str = "shop_manager",
        home: str = "",
        plain_permalinks: bool = False,
    ) -> None:
        self.access = Keys(Key(key, secret, permissions, role))
        self.home, self.plain_permalinks = home, plain_permalinks
        self.products: dict[int, dict[str, Any]] = {}
        self.variations: dict[int, list[dict[str, Any]]] = {}
        self.attachments: dict[int, dict[str, str]] = {}
        self.parents: dict[int, int] = {}
        self.tags: dict[int, str] = {}
        self.shop_attributes: list[dict[str, Any]] = []
        self.changes: list[tuple[str, str, Any]] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.faults: list[Fault] = []
        self.audit: list[tuple[str, str]] = []
        """Each write of a product's content: its id, and whether it changed anything."""
        self.pending: list[Callable[[], Any]] = []
        self.before: Callable[[Shop], object] | None = None
        self.batch_limit = 100
        self.after_save: Callable[[dict[str, Any]], None] | None = None

    @property
    def permissions(self) -> str:
        return self.access.keys[0].permissions

    @permissions.setter
    def permissions(self, value: str) -> None:
        self.access.keys[0].permissions = value

    @property
    def nonces(self) -> set[str]:
        return self.access.nonces

    def check(
        self, method: str, url: str, raw_query: str, authorization: str, tls: bool
    ) -> Key:
        return self.access.check(method, url, raw_query, authorization, tls)

    def add(self, number: int, **fields: Any) -> dict[str, Any]:
        """A product as it is in the database; `images` are (attachment id, src, alt).

        An image without `src` is one whose attachment is gone.
        """
        images = fields.pop("images", [])
        tags = fields.pop("tags", [])
        made = {**blank(number), **fields}
        for attachment, src, alt in images:
            if src:
                self.attachments[attachment] = {"src": src, "alt": alt}
                self.parents.setdefault(attachment, 0)
        made["images"] = [attachment for attachment, _, _ in images]
        made.setdefault("thumbnail", images[0][0] if images else 0)
        made["tags"] = [self.tag(name) for name in tags]
        self.products[number] = made
        return made

    def tag(self, name: str) -> int:
        for number, known in self.tags.items():
            if html.unescape(known).casefold() == name.casefold():
                return number
        number = 500 + len(self.tags)
        self.tags[number] = html.escape(name, quote=False)
        return number

    def shown(self, number: int, context: str = "edit") -> dict[str, Any]:
        """A product as the API gives it."""
        made = copy.deepcopy(self.products[number])
        made.pop("thumbnail")
        made["images"] = [
            {"id": i, "name": "", **dates(), **self.attachments[i]}
            for i in made["images"]
            if i in self.attachments
        ]
        made["tags"] = [
            {"id": i, "name": self.tags[i], "slug": f"tag-{i}"} for i in made["tags"]
        ]
        if context == "view":
            for name in ("description", "short_description"):
                ran = re.sub(r"\[(gallery|products)[^\]]*\]", "<ul>...</ul>", made[name])
                made[name] = f"<p>{ran}</p>\n" if ran else ""
        return made

    def fail(self, kind: str, times: int = 1) -> None:
        """The next requests that are to change something go wrong in this way."""
        busy = b'{"code": "busy", "message": "try later"}'
        answers: dict[str, tuple[str | Answer, bool]] = {
            "delay": ("hang", False),
            "502": ((502, {}, b"<html>Bad Gateway</html>"), False),
            "apply-502": ((502, {}, b"<html>Bad Gateway</html>"), True),
            "429": ((429, {"retry-after": "7"}, busy), False),
        }
        how, applies = answers.get(kind, (kind, False))
        self.faults.append(Fault("*", "products", how, times, applies))

    def catch_up(self) -> None:
        """PHP processes that nobody listens to any more come to their end."""
        for work in self.pending:
            work()
        self.pending.clear()

    # --- What a request does -------------------------------------------------------------

    def handle(
        self, key: Key, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[Any, dict[str, str]]:
        key.may(method)

        def allowed(what: str) -> None:
            if key.role not in SHOP_ROLES:
                raise refused(*FORBIDDEN[what], status=403)

        match method, path.split("/"):
            case "GET", ["products"]:
                allowed("list")
                return self.listed(query)
            case "POST", ["products"]:
                allowed("create")
                return self.create(body, key.role), {}
            case "GET", ["products", "attributes"]:
                allowed("list")
                return self.shop_attributes, {}
            case "GET", ["products", "tags"]:
                allowed("list")
                wanted = query.get("search", "").casefold()
                matching = [
                    {"id": i, "name": n}
                    for i, n in self.tags.items()
                    if wanted in n.casefold()
                ]
                return matching[:100], {}
            case "POST", ["products", "tags"]:
                allowed("create")
                return self.make_tag(body["name"]), {}
            case "POST", ["products", "batch"]:
                allowed("batch")
                return self.batch(body, key.role), {}
            case "GET", ["products", number, "variations"]:
                allowed("list")
                return self.paged(self.variations.get(int(number), []), query)
            case "GET", ["products", number]:
                allowed("view")
                return self.shown(self.known(int(number)), query.get("context", "view")), {}
            case "PUT", ["products", number]:
                allowed("edit")
                return self.update(int(number), body, key.role), {}
        raise WooError(404, "rest_no_route", "No route was found matching the URL.")

    def known(self, number: int) -> int:
        if number not in self.products:
            raise WooError(400, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        return number

    def listed(self, query: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        ids = sorted(self.products)
        if "include" in query:
            wanted = set(map(int, query["include"].split(",")))
            ids = sorted(wanted & self.products.keys())
        if query.get("order", "desc") == "desc":
            ids.reverse()
        if query.get("status", "any") != "any":
            ids = [i for i in ids if self.products[i]["status"] == query["status"]]
        ids = [i for i in ids if self.products[i]["status"] != "trash"]
        page, headers = self.paged(ids, query)
        shown = [self.shown(i, query.get("context", "view")) for i in page]
        if "_fields" in query:
            names = query["_fields"].split(",")
            shown = [{n: p[n] for n in names if n in p} for p in shown]
        return shown, headers

    def paged(
        self, all_of: list[Any], query: Mapping[str, str]
    ) -> tuple[Any, dict[str, str]]:
        size = int(query.get("per_page", "10"))
        if not 1 <= size <= 100:
            raise WooError(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        start = int(query.get("offset", (int(query.get("page", "1")) - 1) * size))
        headers = {
            "X-WP-Total": str(len(all_of)),
            "X-WP-TotalPages": str(-(-len(all_of) // size)),
        }
        return all_of[start : start + size], headers

    def make_tag(self, name: str) -> dict[str, Any]:
        for number, known in self.tags.items():
            if html.unescape(known).casefold() == name.casefold():
                raise WooError(
                    400,
                    "term_exists",
                    "A term with the name provided already exists with this parent.",
                    resource_id=number,
                )
        number = self.tag(plain_line(name))
        self.changes.append(("POST", "products/tags", name))
        return {"id": number, "name": self.tags[number]}

    def batch(self, body: Mapping[str, Any], role: str) -> dict[str, Any]:
        rows = body.get("update", [])
        if len(rows) > self.batch_limit:
            raise WooError(
                413,
                "woocommerce_rest_request_entity_too_large",
                f"Unable to accept more than {self.batch_limit} items for this request.",
            )
        answered: list[dict[str, Any]] = []
        for row in rows:
            try:
                answered.append(self.update(row["id"], row, role))
            except WooError as e:
                answered.append({"id": row["id"], "error": e.body})
        return {"update": answered}

    def create(self, body: Mapping[str, Any], role: str) -> dict[str, Any]:
        number = max(self.products, default=0) + 1
        self.add(number)
        self.update(
            number, {"name": "Product"} | {k: v for k, v in body.items() if v}, role
        )
        return self.shown(number)

    def update(self, number: int, body: Mapping[str, Any], role: str) -> dict[str, Any]:
        made = copy.deepcopy(self.products[self.known(number)])
        texts = {name: made[name] for name in TEXTS}
        given = texts | {name: sent(body[name]) for name in TEXTS if name in body}
        if given != texts:  # one of them is new, so all three are saved anew
            made.update(stored_together(given, texts, role))
        if "images" in body:
            made["images"] = [self.image(row) for row in body["images"]]
            made["thumbnail"] = made["images"][0] if made["images"] else 0
            if made["thumbnail"]:
                self.parents[made["thumbnail"]] = number
        if "tags" in body:
            made["tags"] = [row["id"] for row in body["tags"] if row["id"] in self.tags]
        if "attributes" in body:
            names = {a["id"]: {"name": a["name"]} for a in self.shop_attributes}
            made["attributes"] = [
                attribute({**row, **names.get(row.get("id", 0), {})})
                for row in body["attributes"]
            ]
        for row in body.get("meta_data", []):
            rows = [m for m in made["meta_data"] if m["key"] == row["key"]]
            if not rows:
                rows = [{"id": 9000 + len(made["meta_data"]), "key": row["key"]}]
                made["meta_data"] += rows
            rows[0]["value"] = row["value"]
        if self.after_save:
            self.after_save(made)
        is_new = made != self.products[number]
        self.audit.append((str(number), "change" if is_new else "rewrite"))
        if made != self.products[number] or "images" in body:
            self.changes.append(("PUT", f"products/{number}", dict(body)))
        self.products[number] = made
        return self.shown(number)

    def image(self, row: Mapping[str, Any]) -> int:
        number = int(row.get("id") or 0)
        if not number and row.get("src"):
            number = max(self.attachments, default=0) + 1
            self.attachments[number] = {"src": f"{row['src']}?uploaded", "alt": ""}
        if number not in self.attachments:
            raise WooError(
                400,
                "woocommerce_product_invalid_image_id",
                f"#{number} is an invalid image ID.",
            )
        if row.get("alt"):  # an empty one is ignored
            self.attachments[number]["alt"] = alt_text(row["alt"])
        return number


def sent_fields(shop: Shop) -> set[str]:
    """Every property that was ever written."""
    return {name for _, _, body in shop.changes if isinstance(body, dict) for name in body}


def with_products(shop: Shop, numbers: Iterable[int]) -> Shop:
    """The shop with one small product for each id."""
    for number in numbers:
        shop.add(number, name=f"Product {number}")
    return shop
