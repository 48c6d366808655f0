"""A Google feed in RSS, and a merchant who follows docs/google.md with the supplement."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from productdesc.catalogs.google.feed import GoogleSink, GoogleSource

from . import Seed, Shop, stamp

G = "{http://base.google.com/ns/1.0}"


class GoogleXml(Shop):
    name = "google xml"
    fields = ("title", "description", "bullets", "attributes")

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        self.feed = folder / "feed.xml"
        self.supplement = folder / "supplement.xml"
        rss = ET.Element("rss", version="2.0")
        channel = ET.SubElement(rss, "channel")
        for seed in seeds:
            item = ET.SubElement(channel, "item")
            ET.SubElement(item, f"{G}id").text = seed.id
            ET.SubElement(item, "title").text = seed.title
            if seed.description:
                ET.SubElement(item, "description").text = seed.description
            for n, url in enumerate(seed.photos):
                name = "additional_image_link" if n else "image_link"
                ET.SubElement(item, f"{G}{name}").text = url
        ET.ElementTree(rss).write(self.feed, "utf-8", xml_declaration=True)

    def source(self) -> GoogleSource:
        self._merge()
        return GoogleSource(self.feed)

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> GoogleSink:
        return GoogleSink(self.supplement, overwrite=overwrite)

    def held(self) -> dict[str, Mapping[str, Any]]:
        self._merge()
        return offers(self.feed, stamp(self.feed))

    def plain(self, product_id: str, field: str) -> Any:
        return self.held()[product_id][field]

    def _merge(self) -> None:
        """What Merchant Center makes of both, its rules clearing replaced plain texts."""
        if not self.supplement.exists():
            return
        feed = ET.parse(self.feed)
        ours = {i.findtext(f"{G}id"): i for i in ET.parse(self.supplement).iter("item")}
        assert all(not i.findall("title") for i in ours.values())
        for item in feed.iter("item"):
            for element in ours.get(item.findtext(f"{G}id"), ()):
                name = element.tag.removeprefix(G)
                if name.startswith("structured_"):
                    kind = element.findtext(f"{G}digital_source_type")
                    assert kind == "trained_algorithmic_media"
                    plain = name.removeprefix("structured_")
                    for old in item.findall(plain):
                        item.remove(old)
                    ET.SubElement(item, plain).text = element.findtext(f"{G}content")
                elif name != "id":
                    item.append(element)
        feed.write(self.feed, "utf-8", xml_declaration=True)
        os.unlink(self.supplement)


@lru_cache(maxsize=1)
def offers(feed: Path, stamp: object) -> dict[str, Mapping[str, Any]]:
    return {
        item.findtext(f"{G}id", ""): {
            "title": item.findtext("title", ""),
            "description": item.findtext("description", ""),
            "photos": [e.text for e in item if "image_link" in e.tag],
            "bullets": [e.text for e in item.iter(f"{G}product_highlight")],
            "color": item.findtext(f"{G}color", ""),
        }
        for item in ET.parse(feed).iter("item")
    }


SHOP = GoogleXml
