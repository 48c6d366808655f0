"""An in-memory Shopify shop that answers GraphQL: what the stand-in server serves.

Executes Shopify's own schema with graphql-core, so a field that does not exist fails. What
it does beyond types is written from the documentation: the price of a query, the bucket,
`userErrors`, cursors, bulk operations. Its clean-up of HTML is our own worst case.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from doubles.graphql_api.documents import against, parsed
from doubles.shop_servers.shopify_translations import TranslationRoot, Translations
from graphql import (
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    execute_sync,
    get_named_type,
    is_leaf_type,
)

PRODUCT = "gid://shopify/Product/"
LISTS = {"options": 3, "translations": 6, "translatableContent": 6, "shopLocales": 20}
"""How many a list without pages is taken to have in the price of a query."""


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Bucket:
    """The leaky bucket of points, on the shop's own clock."""

    def __init__(self, clock: Callable[[], float], maximum: float, rate: float) -> None:
        self.clock, self.maximum, self.rate = clock, maximum, rate
        self._level, self._at = maximum, clock()
        self.lowest = maximum

    @property
    def level(self) -> float:
        now = self.clock()
        self._level = min(self.maximum, self._level + (now - self._at) * self.rate)
        self._at = now
        return self._level

    def spend(self, points: float) -> None:
        self._level = self.level - points
        self.lowest = min(self.lowest, self._level)

    def status(self) -> dict[str, float]:
        return {
            "maximumAvailable": self.maximum,
            # never more than there is, as a whole number
            "currentlyAvailable": math.floor(self.level),
            "restoreRate": self.rate,
        }


@dataclass(frozen=True)
class Change:
    """One value of a product or file that became another."""

    gid: str
    field: str
    before: Any
    after: Any


@dataclass
class Shop:
    """Products and files by global id; `changes` is what really changed, in order."""

    schema: GraphQLSchema
    bucket: Bucket
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    categories: dict[str, str] = field(
        default_factory=lambda: {
            "gid://shopify/TaxonomyCategory/na": "Uncategorized",
            "gid://shopify/TaxonomyCategory/aa-8": "Apparel & Accessories > Shoes",
            "gid://shopify/TaxonomyCategory/aa-1": "Apparel & Accessories > Clothing",
        }
    )
    changes: list[Change] = field(default_factory=list)
    audit: list[tuple[str, str]] = field(default_factory=list)
    """Each write of a product's content: its id, and whether it changed anything."""
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    """Uploaded variables and results, by path."""
    cleans: Callable[[str], str] = lambda html: _cleaned(html)
    """What becomes of the HTML of a description."""
    bulk_ends: str = "COMPLETED"
    looks_until_over: int = 3
    bulk_lines: int | None = None
    """Only so many lines of a bulk write are carried out, then it ends FAILED."""
    scopes_lacking: set[str] = field(default_factory=set)
    """Access scopes that the app was not given."""

    def __post_init__(self) -> None:
        self.translations = Translations(
            self.products,
            self.files,
            lambda gid, name, *values: self.changes.append(Change(gid, name, *values)),
            self._note_translation,
            lambda html: self.cleans(html),
        )

    def _note_translation(self, gid: str, is_new: bool) -> None:
        if gid.startswith(PRODUCT):
            kind = "change" if is_new else "rewrite"
            self.audit.append((gid.removeprefix(PRODUCT), kind))

    def add(self, name: str = "", **values: Any) -> str:
        """A product as the merchant left it; `images` are (url, alt) pairs.

        `variants` are (sku, options, number of its image or None), from 0.
        """
        name = name or str(1000 + len(self.products))
        gid = PRODUCT + name
        images = values.pop("images", ())
        product = {
            "id": gid,
            "handle": f"handle-{name}" if name.isdigit() else name,
            "title": "",
            "descriptionHtml": "",
            "vendor": "",
            "productType": "",
            "tags": [],
            "seo": {"title": None, "description": None},
            "category": None,
            "options": [{"name": "Title", "values": ["Default Title"]}],
            "media": [],
            "metafields": [],
            "variants": [],
        }
        product.update(values)
        for url, alt in images:
            product["media"].append(self.add_file(url, alt))
        variants = product["variants"]
        if variants:
            names = dict.fromkeys(n for _, options, _ in variants for n in options)
            product["options"] = [
                {"name": n, "values": [*dict.fromkeys(o[n] for _, o, _ in variants)]}
                for n in names
            ]
        self.products[gid] = product
        return gid

    def add_file(self, url: str, alt: str = "", status: str = "READY") -> str:
        gid = f"gid://shopify/MediaImage/{5000 + len(self.files)}"
        self.files[gid] = {
            "__typename": "MediaImage",
            "id": gid,
            "alt": alt or None,
            "mediaContentType": "IMAGE",
            "fileStatus": status,
            "image": {"url": url} if status == "READY" else None,
        }
        return gid

    def add_video(self) -> str:
        gid = f"gid://shopify/Video/{5000 + len(self.files)}"
        self.files[gid] = {
            "__typename": "Video",
            "id": gid,
            "alt": None,
            "mediaContentType": "VIDEO",
            "fileStatus": "READY",
        }
        return gid

    # ---- one request --------------------------------------------------------------------

    def answer(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The body of an answer to one POST."""
        if wrong := against(self.schema, text):
            return {"errors": [{"message": e.message} for e in wrong]}
        price = Price(self.schema, parsed(text), variables).points
        cost: dict[str, Any] = {"requestedQueryCost": price, "actualQueryCost": None}
        if price > 1000:
            error = {"message": "too dear", "extensions": {"code": "MAX_COST_EXCEEDED"}}
            return {"errors": [error]}
        if price > self.bucket.level:
            cost["throttleStatus"] = self.bucket.status()
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return {"errors": [error], "extensions": {"cost": cost}}
        done = self.execute(text, variables)
        cost["actualQueryCost"] = 10 if "mutation" in text[:9] else _objects(done.data)
        self.bucket.spend(cost["actualQueryCost"])
        cost["throttleStatus"] = self.bucket.status()
        body: dict[str, Any] = {"data": done.data, "extensions": {"cost": cost}}
        if done.errors:
            body["errors"] = [
                {
                    "message": e.message,
                    "extensions": e.extensions or {"code": "INVALID_VARIABLE"},
                }
                for e in done.errors
            ]
        return body

    def execute(
        self, text: str, variables: Mapping[str, Any], *, bulk: bool = False
    ) -> ExecutionResult:
        root = Root(self, bulk)
        return execute_sync(
            self.schema,
            parsed(text),
            root_value={name: getattr(root, name) for name in Root.FIELDS},
            variable_values=dict(variables),
        )

    # ---- writes -------------------------------------------------------------------------

    def update_product(self, wanted: Mapping[str, Any]) -> list[tuple[list[str], str]]:
        """What is against it; nothing: it was done."""
        product = self.products.get(wanted["id"])
        if product is None:
            return [(["id"], "Product does not exist")]
        apart = ("id", "seo", "metafields", "deleteConflictingConstrainedMetafields")
        assert not wanted.get(apart[-1])  # false by the schema's default
        new = {k: v for k, v in wanted.items() if k not in apart}
        wrong: list[tuple[list[str], str]] = []
        if "title" in new:
            new["title"] = new["title"].strip()
            if not new["title"]:
                wrong.append((["title"], "Title can't be blank"))
            if len(new["title"]) > 255:
                wrong.append((["title"], "Title is too long (maximum is 255 characters)"))
        if "descriptionHtml" in new:
            new["descriptionHtml"] = self.cleans(new["descriptionHtml"])
        if "tags" in new:
            tags = [t.strip() for tag in new["tags"] for t in tag.split(",") if t.strip()]
            first = {tag.casefold(): tag for tag in reversed(tags)}
            new["tags"] = sorted(first.values(), key=str.casefold)
            if any(len(tag) > 255 for tag in new["tags"]):
                wrong.append((["tags"], "Tag is too long (maximum is 255 characters)"))
        if "category" in new:
            if new["category"] not in self.categories:
                wrong.append((["category"], "Category is not valid"))
            else:
                name = self.categories[new["category"]]
                new["category"] = {"id": new["category"], "fullName": name}
        if "seo" in wanted:
            new["seo"] = product["seo"] | dict(wanted["seo"])
        if "metafields" in wanted:
            new["metafields"] = [dict(m) for m in product["metafields"]]
            for given in wanted["metafields"]:
                wrong += _set_metafield(new["metafields"], given)
        if not wrong:
            is_new = any(product[name] != value for name, value in new.items())
            number = wanted["id"].removeprefix(PRODUCT)
            self.audit.append((number, "change" if is_new else "rewrite"))
            for name, value in new.items():
                self._change(product, name, value)
        return wrong

    def update_files(self, files: Sequence[Mapping[str, Any]]) -> list[Any]:
        wrong = []
        for number, given in enumerate(files):
            file = self.files.get(given["id"])
            where = ["files", str(number), "alt"]
            if file is None:
                wrong.append((where[:2], "File does not exist"))
            elif file["fileStatus"] != "READY":
                wrong.append((where[:2], "Non-ready files cannot be updated."))
            elif len(given["alt"]) > 512:
                wrong.append((where, "The alt value exceeds the maximum limit of 512"))
        if not wrong:
            for given in files:
                self._change(self.files[given["id"]], "alt", given["alt"])
        return wrong

    def _change(self, holder: dict[str, Any], name: str, value: Any) -> None:
        if holder[name] != value:
            self.changes.append(Change(holder["id"], name, holder[name], value))
            holder[name] = value

    # ---- bulk ---------------------------------------------------------------------------

    def start(self, run: Callable[[], tuple[list[str], int]], *, writes: bool) -> str:
        gid = f"gid://shopify/BulkOperation/{len(self.operations) + 1}"
        one = {"run": run, "looks": 0, "id": gid, "status": "CREATED", "writes": writes}
        self.operations[gid] = one
        return gid

    def run_operations(self) -> None:
        """Operations that nobody looks at come to their end too."""
        most = self.looks_until_over
        for gid in [gid for gid, one in self.operations.items() if one["looks"] < most]:
            while self.operations[gid]["looks"] < most:
                self.look(gid)

    def look(self, gid: str) -> dict[str, Any] | None:
        """It is under way while it is looked at, and done at the last of some looks."""
        one = self.operations.get(gid)
        if one is None:
            return None
        one["looks"] += 1
        if one["looks"] < self.looks_until_over:
            one["status"] = "RUNNING" if one["looks"] > 1 else "CREATED"
        elif one["looks"] == self.looks_until_over:
            lines, roots = one["run"]()
            one["roots"] = roots
            one["status"] = self.bulk_ends if self.bulk_lines is None else "FAILED"
            if lines:
                path = f"/results/{gid.rpartition('/')[2]}.jsonl"
                self.stored[path] = "".join(f"{line}\n" for line in lines).encode()
                one["path"] = path
        path = one.get("path")
        url = f"https://storage.googleapis.com{path}?X-Goog-Signature=s" if path else None
        good = one["status"] == "COMPLETED"
        return {
            "id": gid,
            "status": one["status"],
            "errorCode": "TIMEOUT" if one["status"] == "FAILED" else None,
            "rootObjectCount": one.get("roots", 0),
            "fileSize": len(self.stored[path]) if path else None,
            "url": url if good else None,
            "partialDataUrl": None if good else url,
        }

    def bulk_read(self, text: str) -> tuple[list[str], int]:
        done = self.execute(text, {}, bulk=True)
        assert not done.errors, done.errors
        roots: list[str] = []
        children: list[str] = []
        for edge in next(iter((done.data or {}).values()))["edges"]:
            node = edge["node"]
            plain = {k: v for k, v in node.items() if not _is_connection(v)}
            roots.append(json.dumps(plain))
            mine = _bulk_lines(node)
            children = mine + children  # anywhere after their parent
        return roots + children, len(roots)

    def bulk_write(self, text: str, path: str) -> tuple[list[str], int]:
        results: list[str] = []
        given = self.stored[path].decode().splitlines()
        for number, line in enumerate(given[: self.bulk_lines]):
            done = self.execute(text, json.loads(line))
            result: dict[str, Any] = {"data": done.data, "__lineNumber": number}
            if done.errors:
                result["errors"] = [{"message": e.message} for e in done.errors]
            results.append(json.dumps(result))
        return results[::-1], len(results)  # in no order that anybody promised


class Root(TranslationRoot):
    """The fields of the schema's roots; `bulk`: connections have no pages."""

    FIELDS = (
        *TranslationRoot.TRANSLATION_FIELDS,
        "product",
        "productByIdentifier",
        "products",
        "nodes",
        "bulkOperation",
        "bulkOperations",
        "productUpdate",
        "fileUpdate",
        "stagedUploadsCreate",
        "bulkOperationRunQuery",
        "bulkOperationRunMutation",
    )

    def __init__(self, shop: Shop, bulk: bool) -> None:
        self.shop, self.bulk = shop, bulk

    def product(self, info: Any, id: str) -> Any:
        if not id.startswith(PRODUCT):
            raise ValueError(f"Invalid global id '{id}'")
        found = self.shop.products.get(id)
        return self._shown(found) if found else None

    def productByIdentifier(self, info: Any, identifier: dict[str, str]) -> Any:
        for product in self.shop.products.values():
            if product["handle"] == identifier.get("handle"):
                return self._shown(product)
        return None

    def nodes(self, info: Any, ids: list[str]) -> list[Any]:
        return [self.product(info, gid) for gid in ids]

    def products(self, info: Any, query: str | None = None, **page: Any) -> Any:
        found = list(self.shop.products)
        if later := re.search(r"\bid:>(\S+?)\)?$", query or ""):
            found = found[found.index(PRODUCT + later[1]) + 1 :]
        if vendor := re.search(r"vendor:(\w+)", query or ""):
            found = [g for g in found if self.shop.products[g]["vendor"] == vendor[1]]
        return self._connection(found, lambda g: self._shown(self.shop.products[g]), page)

    def bulkOperation(self, info: Any, id: str) -> Any:
        return self.shop.look(id)

    def bulkOperations(self, info: Any, **page: Any) -> Any:
        """Of bulk writes those that are not over, as the query asks, newest first."""
        writes = [
            gid for gid, one in self.shop.operations.items()
            if one["status"] in ("CREATED", "RUNNING") and one["writes"]
        ]  # fmt: skip
        return self._connection(writes[::-1], lambda g: self.shop.operations[g], page)

    def productUpdate(self, info: Any, product: dict[str, Any]) -> Any:
        wrong = self.shop.update_product(product)
        found = self.shop.products.get(product["id"])
        shown = self._shown(found) if found and not wrong else None
        return {"product": shown, "userErrors": _errors(wrong)}

    def fileUpdate(self, info: Any, files: list[dict[str, Any]]) -> Any:
        wrong = self.shop.update_files(files)
        done = [] if wrong else [self.shop.files[f["id"]] for f in files]
        return {"files": done, "userErrors": _errors(wrong)}

    def stagedUploadsCreate(self, info: Any, input: list[dict[str, Any]]) -> Any:
        key = f"tmp/1/bulk/{len(self.shop.stored)}/variables.jsonl"
        parameters = {
            "Content-Type": "text/jsonl",
            "success_action_status": "201",
            "key": key,
            "policy": "signed-policy",
        }
        target = {
            "url": "https://shopify-staged-uploads.storage.googleapis.com/",
            "parameters": [{"name": k, "value": v} for k, v in parameters.items()],
        }
        return {"stagedTargets": [target], "userErrors": []}

    def bulkOperationRunQuery(self, info: Any, query: str, groupObjects: bool) -> Any:
        if wrong := against(self.shop.schema, query):
            return {"bulkOperation": None, "userErrors": _errors([([], str(wrong[0]))])}
        gid = self.shop.start(lambda: self.shop.bulk_read(query), writes=False)
        return {"bulkOperation": {"id": gid}, "userErrors": []}

    def bulkOperationRunMutation(
        self, info: Any, mutation: str, stagedUploadPath: str, **_: Any
    ) -> Any:
        if stagedUploadPath not in self.shop.stored:
            wrong = _errors([(["stagedUploadPath"], "The JSONL file could not be found")])
            return {"bulkOperation": None, "userErrors": wrong}
        gid = self.shop.start(
            lambda: self.shop.bulk_write(mutation, stagedUploadPath), writes=True
        )
        return {"bulkOperation": {"id": gid}, "userErrors": []}

    def _shown(self, product: dict[str, Any]) -> dict[str, Any]:
        files, fields = self.shop.files, product["metafields"]

        def media(info: Any, **page: Any) -> Any:
            return self._connection(product["media"], lambda g: files[g], page)

        def metafields(info: Any, **page: Any) -> Any:
            named = [
                m | {"id": f"gid://shopify/Metafield/{n}"} for n, m in enumerate(fields)
            ]
            return self._connection(named, lambda m: m, page)

        def variant(number: int) -> dict[str, Any]:
            sku, options, image = product["variants"][number]
            own = [] if image is None else [product["media"][image]]
            return {
                "id": f"gid://shopify/ProductVariant/{number + 1}{product['id'][-4:]}",
                "sku": sku or None,
                "selectedOptions": [{"name": n, "value": v} for n, v in options.items()],
                "media": lambda info, **page: self._connection(
                    own, lambda g: files[g], page
                ),
            }

        def variants(info: Any, **page: Any) -> Any:
            return self._connection(range(len(product["variants"])), variant, page)

        return {
            **product,
            "__typename": "Product",
            "media": media,
            "metafields": metafields,
            "variants": variants,
        }

    def _connection(
        self, keys: Sequence[Any], show: Callable[[Any], Any], page: Mapping[str, Any]
    ) -> dict[str, Any]:
        start = int((page.get("after") or "cursor-0").removeprefix("cursor-"))
        end = len(keys) if self.bulk else min(len(keys), start + page["first"])
        nodes = [show(key) for key in keys[start:end]]
        return {
            "nodes": nodes,
            "edges": [{"cursor": "c", "node": node} for node in nodes],
            "pageInfo": {
                "hasNextPage": end < len(keys),
                "hasPreviousPage": start > 0,
                "endCursor": f"cursor-{end}" if nodes else None,
                "startCursor": f"cursor-{start}" if nodes else None,
            },
        }


class Price:
    """What a document costs at most: 1 an object, sizes by `first` and the ids given."""

    def __init__(
        self, schema: GraphQLSchema, document: Any, variables: Mapping[str, Any]
    ) -> None:
        self._schema, self._variables = schema, variables
        self._fragments = {
            d.name.value: d
            for d in document.definitions
            if isinstance(d, FragmentDefinitionNode)
        }
        operation = next(
            d for d in document.definitions if isinstance(d, OperationDefinitionNode)
        )
        root = schema.get_root_type(operation.operation)
        changes = operation.operation.value == "mutation"
        self.points = 10 if changes else self._sum(operation.selection_set, root)

    def _sum(self, selections: Any, kind: Any) -> int:
        total = 0
        for one in selections.selections:
            if isinstance(one, FieldNode) and one.name.value != "__typename":
                total += self._field(one, kind)
            elif isinstance(one, InlineFragmentNode):
                inner = (
                    one.type_condition
                    and self._schema.type_map[one.type_condition.name.value]
                )
                total += self._sum(one.selection_set, inner or kind)
            elif isinstance(one, FragmentSpreadNode):
                fragment = self._fragments[one.name.value]
                total += self._sum(fragment.selection_set, kind)
        return total

    def _field(self, node: FieldNode, kind: Any) -> int:
        made = kind.fields[node.name.value].type
        named = get_named_type(made)
        if is_leaf_type(named):
            return 0
        given = {a.name.value: a.value for a in node.arguments or ()}
        if named.name.endswith("Connection"):
            first = given["first"]
            assert isinstance(first, IntValueNode)
            inside = 0
            for one in node.selection_set.selections if node.selection_set else ():
                assert isinstance(one, FieldNode)
                points = self._field(one, named)
                inside += points * (int(first.value) if one.name.value == "nodes" else 1)
            return 1 + inside
        if node.name.value == "nodes" and "ids" in given:
            return len(self._variables["ids"]) * self._sum(node.selection_set, named)
        many = LISTS.get(node.name.value, 1)
        return many * (1 + self._sum(node.selection_set, named))


def _cleaned(html: str) -> str:
    """As an editor of rich text might leave it."""
    html = re.sub(r"<script\b.*?</script>", "", html, flags=re.DOTALL | re.I)
    html = re.sub(r"(</(?:p|ul|li)>|<ul>)", r"\1\n", html)
    return html.replace("<br>", "<br />").replace("<p>", '<p data-mce="1">').strip()


def _objects(data: Any) -> int:
    if isinstance(data, dict):
        return 1 + sum(map(_objects, data.values()))
    return sum(map(_objects, data)) if isinstance(data, list) else 0


def _bulk_lines(node: dict[str, Any]) -> list[str]:
    """The lines of what belongs to a node, each below its own."""
    lines = []
    for connection in filter(_is_connection, node.values()):
        for edge in connection["edges"]:
            one = edge["node"]
            plain = {k: v for k, v in one.items() if not _is_connection(v)}
            lines.append(json.dumps(plain | {"__parentId": node["id"]}))
            lines += _bulk_lines(one)
    return lines


def _is_connection(value: Any) -> bool:
    return isinstance(value, dict) and "edges" in value


def _errors(wrong: Sequence[tuple[Sequence[str], str]]) -> list[dict[str, Any]]:
    return [{"field": list(where), "message": message} for where, message in wrong]


def _set_metafield(there: list[dict[str, Any]], given: Any) -> list[tuple[list[str], str]]:
    for one in there:
        if (one["namespace"], one["key"]) == (given["namespace"], given["key"]):
            if given.get("type") not in (None, one["type"]):
                return [(["metafields", "0", "type"], "Type must be consistent")]
            one["value"] = given["value"]
            return []
    there.append(dict(given))
    return []
