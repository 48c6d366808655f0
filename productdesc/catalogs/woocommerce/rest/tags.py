"""Tags of a shop by name, created where there is none of that name."""

from __future__ import annotations

from pydantic import ValidationError

from ....text.printable import quoted
from ...http_outcome import Refused, Unanswered
from ...live import settle
from .client import WooCommerceClient
from .item import Term
from .replies import Answered


class Tags:
    """Tag ids by name, each looked up once. A tag is created only when asked for.

    A tag that was made stays in the shop, also where its product is refused afterwards.
    """

    def __init__(self, client: WooCommerceClient, *, create: bool) -> None:
        self._client = client
        self._create = create
        self._ids: dict[str, int] = {}

    def id_of(self, name: str) -> int | Refused:
        """The id of the tag with this name in any letter case; 0: none, and none is made.

        Raises `CatalogError`.
        """
        key = name.casefold()
        if key not in self._ids:
            found = self._find(name) or (self._create_tag(name) if self._create else 0)
            if isinstance(found, Refused):
                return found
            if not found:
                return 0
            self._ids[key] = found
        return self._ids[key]

    def forget(self) -> None:
        """Look all of them up anew: somebody may have deleted one."""
        self._ids.clear()

    def _find(self, name: str) -> int:
        answer = self._client.get(
            "products/tags", search=name, per_page=100, _fields="id,name"
        )
        for value in answer.value if isinstance(answer.value, list) else []:
            try:
                term = Term.model_validate(value)
            except ValidationError:
                continue
            if term.text.casefold() == name.casefold():
                return term.id
        return 0

    def _create_tag(self, name: str) -> int | Refused:
        match self._client.change("POST", "products/tags", {"name": name}):
            case Answered(value):
                number = value.get("id") if isinstance(value, dict) else None
                return number if isinstance(number, int) else Refused("the tag has no id")
            case Refused(_, "term_exists", data) if isinstance(
                data.get("resource_id"), int
            ):
                # WordPress compares names by its database's rules, not by ours
                return int(data["resource_id"])
            case Refused() as no:
                return Refused(f"the tag {quoted(name, 'name')}: {no.reason}")
            case Unanswered(reason) as no:
                settle(self._client.retry, self._client.clock.sleep, [no])
                return self._find(name) or Refused(
                    f"the tag {quoted(name, 'name')} got no answer and is not there: "
                    f"{reason}"
                )
