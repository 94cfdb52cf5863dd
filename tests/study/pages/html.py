"""What every page must be: well-formed, and complete without another file."""

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr"}
LOADS = {"src", "href", "data", "poster", "action"}


class Page(HTMLParser):
    """The elements and the visible text of a page; fails where tags don't match."""

    def __init__(self, html: str):
        super().__init__()
        self.open, self.tags, self.ids, self.rows = [], [], [], []
        self.text = ""
        self.feed(str(html))
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in LOADS or value.startswith("#"), (name, value)
            if name == "id":
                self.ids.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def row(self, *cells):
        """The one table row that starts with these cells."""
        found = [row for row in self.rows if row[: len(cells)] == list(cells)]
        assert len(found) == 1, (cells, found)
        return found[0]


def check_page(html: str) -> Page:
    page = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\((?!#)|@import", html)
    assert "prefers-color-scheme: dark" in html
    # A colour that is not a variable would not follow the theme.
    body = html[html.index("</style>") :]
    assert not re.search(r"(fill|stroke|color): (#|black|white)", body)
    return page
