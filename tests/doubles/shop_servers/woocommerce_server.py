"""A WooCommerce shop on loopback: REST v3 as documented, WordPress's habits as measured.

It has products, variations, attachments and tags, checks keys (Basic over TLS, OAuth 1.0a
signatures else), cleans texts as WordPress does, replaces images as a set, and misbehaves
on demand. Written on its own: it shares no code with the client that it tests.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import html
import http.server
import json
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

PREFIX = "/wp-json/wc/v3/"

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


class WooError(Exception):
    """What WooCommerce answers instead."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status, **data}}


@dataclass
class Fault:
    """The next `times` requests of `method` whose path holds `path` go wrong.

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
    """The state of a shop. `changes` has every request that changed content, in order."""

    def __init__(self, key: str, secret: str, *, permissions: str = "read_write") -> None:
        self.key, self.secret, self.permissions = key, secret, permissions
        self.products: dict[int, dict[str, Any]] = {}
        self.variations: dict[int, list[dict[str, Any]]] = {}
        self.attachments: dict[int, dict[str, str]] = {}
        self.tags: dict[int, str] = {}
        self.changes: list[tuple[str, str, Any]] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.faults: list[Fault] = []
        self.pending: list[Callable[[], Any]] = []
        self.nonces: set[str] = set()
        self.before: Callable[[Shop], object] | None = None
        self.batch_limit = 100
        self.after_save: Callable[[dict[str, Any]], None] | None = None

    def add(self, number: int, **fields: Any) -> dict[str, Any]:
        """A product as the merchant left it; `images` are (attachment id, src, alt)."""
        images = fields.pop("images", [])
        tags = fields.pop("tags", [])
        made = {**blank(number), **fields}
        for attachment, src, alt in images:
            self.attachments[attachment] = {"src": src, "alt": alt}
        made["images"] = [attachment for attachment, _, _ in images]
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
        made["images"] = [
            {"id": i, "name": "", **dates(), **self.attachments[i]} for i in made["images"]
        ]
        made["tags"] = [
            {"id": i, "name": self.tags[i], "slug": f"tag-{i}"} for i in made["tags"]
        ]
        if context == "view":
            for name in ("description", "short_description"):
                ran = re.sub(r"\[(gallery|products)[^\]]*\]", "<ul>...</ul>", made[name])
                made[name] = f"<p>{ran}</p>\n" if ran else ""
        return made

    def catch_up(self) -> None:
        """PHP processes that nobody listens to any more come to their end."""
        for work in self.pending:
            work()
        self.pending.clear()

    # --- What a request does -------------------------------------------------------------

    def handle(
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[Any, dict[str, str]]:
        need = "read" if method == "GET" else "write"
        if need not in self.permissions:
            raise WooError(
                401,
                "woocommerce_rest_authentication_error",
                f"The API key provided does not have {need} permissions.",
            )
        match method, path.split("/"):
            case "GET", ["products"]:
                return self.listed(query)
            case "GET", ["products", "tags"]:
                wanted = query.get("search", "").casefold()
                found = [
                    {"id": i, "name": n}
                    for i, n in self.tags.items()
                    if wanted in n.casefold()
                ]
                return found[:100], {}
            case "POST", ["products", "tags"]:
                return self.make_tag(body["name"]), {}
            case "POST", ["products", "batch"]:
                return self.batch(body), {}
            case "GET", ["products", number, "variations"]:
                return self.paged(self.variations.get(int(number), []), query)
            case "PUT", ["products", number]:
                return self.update(int(number), body), {}
        raise WooError(404, "rest_no_route", "No route was found matching the URL.")

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

    def batch(self, body: Mapping[str, Any]) -> dict[str, Any]:
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
                answered.append(self.update(row["id"], row))
            except WooError as e:
                answered.append({"id": row["id"], "error": e.body})
        return {"update": answered}

    def update(self, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        made = self.products.get(number)
        if not made:
            raise WooError(400, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        made = copy.deepcopy(made)
        for name in ("name", "description", "short_description"):
            if name in body:
                made[name] = kses(body[name])
        made["name"] = made["name"].strip()
        if "images" in body:
            made["images"] = [self.image(row) for row in body["images"]]
        if "tags" in body:
            made["tags"] = [row["id"] for row in body["tags"] if row["id"] in self.tags]
        if "attributes" in body:
            made["attributes"] = [attribute(row) for row in body["attributes"]]
        for row in body.get("meta_data", []):
            rows = [m for m in made["meta_data"] if m["key"] == row["key"]]
            if not rows:
                rows = [{"id": 9000 + len(made["meta_data"]), "key": row["key"]}]
                made["meta_data"] += rows
            rows[0]["value"] = row["value"]
        if self.after_save:
            self.after_save(made)
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
            self.attachments[number]["alt"] = unslash(plain_line(row["alt"]))
        return number

    # --- Who may ask ---------------------------------------------------------------------

    def check(
        self, method: str, url: str, raw_query: str, authorization: str, tls: bool
    ) -> None:
        refusal = WooError(
            401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources."
        )
        if tls:
            scheme, _, rest = authorization.partition(" ")
            pair = base64.b64decode(rest or "").decode("utf-8", "replace")
            key, _, secret = pair.partition(":")
            if scheme != "Basic" or key != self.key:
                raise refusal
            if secret != self.secret:
                raise WooError(
                    401,
                    "woocommerce_rest_authentication_error",
                    "Consumer secret is invalid.",
                )
            return
        fields = [part.partition("=")[::2] for part in raw_query.split("&") if part]
        query = {unquote(name): unquote(value) for name, value in fields}
        if "oauth_consumer_key" not in query:
            raise refusal
        self.check_signature(method, url, dict(query))

    def check_signature(self, method: str, url: str, query: dict[str, str]) -> None:
        def error(words: str) -> WooError:
            return WooError(401, "woocommerce_rest_authentication_error", words)

        if query["oauth_consumer_key"] != self.key:
            raise error("Consumer key is invalid.")
        given = query.pop("oauth_signature", "")
        joined = "%26".join(
            f"{percent(percent(name))}%3D{percent(percent(query[name]))}"
            for name in sorted(query, key=percent)
        )
        algorithm = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
        chosen = algorithm.get(query.get("oauth_signature_method", ""))
        if chosen is None:
            raise error("Invalid signature - signature method is invalid.")
        text = f"{method}&{percent(url)}&{joined}"
        made = hmac.new(f"{self.secret}&".encode(), text.encode(), chosen).digest()
        if base64.b64encode(made).decode() != given:
            raise error("Invalid signature - provided signature does not match.")
        if abs(int(query["oauth_timestamp"]) - time.time()) > 15 * 60:
            raise error("Invalid timestamp.")
        if query["oauth_nonce"] in self.nonces:
            raise error("Invalid nonce - nonce has already been used.")
        self.nonces.add(query["oauth_nonce"])


# --- What WordPress does to texts --------------------------------------------------------

_KEEPS = """
    a b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre q s span
    strong sub sup table tbody td th thead tr u ul
"""
KEEPS = set(_KEEPS.split())


def unslash(text: str) -> str:
    made, at = "", 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
            made += "" if text[at : at + 1] in ("", "0") else text[at]
        else:
            made += text[at]
        at += 1
    return made


def kses(text: str) -> str:
    """A name or description as a key's user may leave it, letter by letter."""
    text = unslash(text)
    text = "".join(c for c in text if c in "\t\n\r" or ord(c) >= 32)
    made: list[str] = []
    at = 0
    while at < len(text):
        letter = text[at]
        end = at + 1
        if letter == "&":
            entity, end = reference(text, at)
            made.append(entity)
        elif letter == ">":
            made.append("&gt;")
        elif letter == "<":
            stops = [i for i in (text.find("<", at + 1), text.find(">", at + 1)) if i > 0]
            stop = min(stops, default=len(text))
            if text[stop : stop + 1] == ">":
                made.append(element(text[at : stop + 1]))
                end = stop + 1
            else:  # a lone one: all up to the next is taken for text, quotes too
                part = ""
                inner = at + 1
                while inner < stop:
                    piece, after = (
                        reference(text, inner)
                        if text[inner] == "&"
                        else (text[inner], inner + 1)
                    )
                    part += {'"': "&quot;", "'": "&#039;"}.get(piece, piece)
                    inner = after
                made.append("&lt;" + part)
                end = stop
        else:
            made.append(letter)
        at = end
    return "".join(made)


def reference(text: str, at: int) -> tuple[str, int]:
    """The entity at an ampersand, and where it ends; `&amp;#91;` counts as `&#91;`."""
    if re.match(r"&amp;#([0-9]{1,7}|0+[0-9]{1,7}|[xX]0*[0-9A-Fa-f]{1,6});", text[at:]):
        made, end = reference("&" + text[at + 5 :], 0)
        return made, at + 4 + end
    end = text.find(";", at)
    name = text[at + 1 : end] if 0 < end < at + 14 else ""
    if re.fullmatch(r"[A-Za-z]{2,8}[0-9]{0,2}", name) and html.unescape(f"&{name};") != (
        f"&{name};"
    ):
        return f"&{name};", end + 1
    if re.fullmatch(r"#0*[0-9]{1,7}", name):
        number = int(name[1:])
        surrogate = 0xD800 <= number < 0xE000 or number > 0x10FFFF
        if number in (9, 10, 13) or (number > 31 and not surrogate):
            return f"&#{number:03};", end + 1
        return f"&amp;#{name[1:].lstrip('0')};", end + 1
    if re.fullmatch(r"#[xX]0*[0-9A-Fa-f]{1,6}", name) and name[2:].strip("0"):
        return f"&#x{name[2:].lstrip('0')};", end + 1
    return "&amp;", at + 1


def element(tag: str) -> str:
    inner = tag[1:-1]
    closing = inner.startswith("/")
    name = re.match(r"[A-Za-z0-9-]*", inner.lstrip("/"))
    assert name
    if name[0].lower() not in KEEPS:
        return ""
    if closing:
        return f"</{name[0]}>"
    slash = " /" if inner.rstrip().endswith("/") else ""
    rest = inner[len(name[0]) :].rstrip().removesuffix("/").strip()
    attributes = [a for a in re.findall(r"""[^\s=]+(?:="[^"]*"|='[^']*'|=\S+)?""", rest)]
    safe = [a for a in attributes if not a.lower().startswith("on")]
    return f"<{' '.join([name[0], *safe])}{slash}>"


def plain_line(text: str) -> str:
    """sanitize_text_field."""
    if "<" in text:
        text = re.sub(r"(?is)<(script|style)\b[^>]*>.*?</\1>", "", text)
        text = re.sub(r"<[^<>]*>", "", text)
        text = text.replace("<", "&lt;")
    text = " ".join(re.split(r"[ \t\r\n]+", text)).strip()
    while True:
        after = re.sub(r"%[0-9a-fA-F]{2}", "", text, count=1)
        if after == text:
            return text
        text = re.sub(" +", " ", after).strip()


def attribute(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row.get("id", 0),
        "name": row.get("name", f"attribute {row.get('id')}"),
        "position": row.get("position", 0),
        "visible": row.get("visible", False),
        "variation": row.get("variation", False),
        "options": [o for v in row["options"] for o in v.split("|")],
    }


def percent(text: str) -> str:
    """RFC 3986, byte by byte."""
    safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return "".join(
        chr(byte) if chr(byte) in safe else f"%{byte:02X}" for byte in text.encode()
    )


def dates() -> dict[str, str]:
    names = ("date_created", "date_created_gmt", "date_modified", "date_modified_gmt")
    return dict.fromkeys(names, "2026-01-05T10:00:00")


def blank(number: int) -> dict[str, Any]:
    """A product with every documented property."""
    texts = (
        "name slug permalink description short_description sku price regular_price "
        "sale_price price_html external_url button_text tax_class weight shipping_class "
        "purchase_note"
    )
    lists = (
        "downloads related_ids upsell_ids cross_sell_ids categories tags images attributes "
        "default_attributes variations grouped_products meta_data"
    )
    flags = (
        "featured on_sale virtual downloadable manage_stock backorders_allowed backordered "
        "sold_individually"
    )
    return {
        "id": number,
        **dict.fromkeys(texts.split(), ""),
        **dates(),
        "type": "simple",
        "status": "publish",
        "catalog_visibility": "visible",
        "date_on_sale_from": None,
        "date_on_sale_from_gmt": None,
        "date_on_sale_to": None,
        "date_on_sale_to_gmt": None,
        **dict.fromkeys(flags.split(), False),
        "purchasable": True,
        "total_sales": 0,
        "download_limit": -1,
        "download_expiry": -1,
        "tax_status": "taxable",
        "stock_quantity": None,
        "stock_status": "instock",
        "backorders": "no",
        "dimensions": {"length": "", "width": "", "height": ""},
        "shipping_required": True,
        "shipping_taxable": True,
        "shipping_class_id": 0,
        "reviews_allowed": True,
        "average_rating": "0.00",
        "rating_count": 0,
        "parent_id": 0,
        "menu_order": 0,
        **{name: [] for name in lists.split()},
        "_links": {},
    }


# --- The wire ----------------------------------------------------------------------------


class Server:
    """A `Shop` that listens on loopback; leave the `with` block and it is gone."""

    def __init__(self, shop: Shop, *, tls: ssl.SSLContext | None = None) -> None:
        self.shop = shop
        handler = type("Handler", (_Handler,), {"shop": shop, "tls": tls is not None})
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._gone = False

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._gone:
            self._gone = True
            self._http.shutdown()
            self._http.server_close()
            self._thread.join(5)


class _Handler(http.server.BaseHTTPRequestHandler):
    shop: Shop
    tls: bool
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    lock = threading.Lock()

    def log_message(self, *_: object) -> None:
        return None

    def do_GET(self) -> None:
        self.serve()

    do_PUT = do_POST = do_GET

    def serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", "0")))
        with self.lock:
            (status, headers, data), how = self.answered(content)
        match how:
            case "reset" | "apply-then-drop" | "apply-later":
                self.reset()
            case "hang":
                time.sleep(1.6)
                self.reset()
            case "half":
                self.give(status, headers, data[: len(data) // 2], stated=len(data))
                self.close_connection = True
            case _:
                self.give(status, headers, data)

    def answered(self, content: bytes) -> tuple[Answer, str]:
        """The answer, and what goes wrong with it."""
        shop, parts = self.shop, urlsplit(self.path)
        place = parts.path.removeprefix(PREFIX)
        fields = [part.partition("=")[::2] for part in parts.query.split("&") if part]
        query = {unquote(name): unquote(value) for name, value in fields}
        shop.requests.append((self.command, place, query))
        if shop.before:
            shop.before(shop)
        fault = self.fault(place)
        how = fault.how if fault else ""
        if how == "reset" or (fault and isinstance(how, tuple) and not fault.applies):
            return (how, "") if isinstance(how, tuple) else ((0, {}, b""), how)

        def work() -> Answer:
            try:
                body = json.loads(content) if content else None
                value, headers = shop.handle(self.command, place, query, body)
                return 200, headers, json.dumps(value).encode()
            except WooError as e:
                return e.status, {}, json.dumps(e.body).encode()

        scheme = "https" if self.tls else "http"
        url = f"{scheme}://{self.headers['host']}{parts.path}"
        try:
            auth = self.headers.get("authorization", "")
            shop.check(self.command, url, parts.query, auth, self.tls)
        except WooError as e:
            return (e.status, {}, json.dumps(e.body).encode()), ""
        if how == "apply-later":
            shop.pending.append(work)
            return (0, {}, b""), how
        answer = work()
        return (how, "") if isinstance(how, tuple) else (answer, how)

    def fault(self, place: str) -> Fault | None:
        for fault in self.shop.faults:
            if fault.method == self.command and fault.path in place and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def reset(self) -> None:
        """A TCP reset: what is on its way is lost too."""
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.close_connection = True
        self.connection.close()

    def give(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        stated: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "content-type" not in {name.lower() for name in headers}:
            self.send_header("content-type", "application/json; charset=UTF-8")
        self.send_header("content-length", str(len(body) if stated is None else stated))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def sent_fields(shop: Shop) -> set[str]:
    """Every property that was ever written."""
    return {name for _, _, body in shop.changes if isinstance(body, dict) for name in body}


def with_products(shop: Shop, numbers: Iterable[int]) -> Shop:
    """The shop with one small product for each id."""
    for number in numbers:
        shop.add(number, name=f"Product {number}")
    return shop
