"""Reading a page as a browser would."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """What is on an HTML page.

    Attributes:
        tags: the names of all elements.
        attributes: (element, attribute, value) of all attributes.
        text: what can be read, without styles.
        by_id: the text of each element that has an id.
        rows: the cells' texts of each table row, by the id of its table.
    """

    _VOID = ("meta", "img", "line", "rect", "circle", "link", "br")

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.text, self.by_id, self.rows = [], [], "", {}, {}
        self._open = []
        self.feed(source)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag == "tr":
            self.rows.setdefault(self._table(), []).append([])
        elif tag in ("td", "th"):
            self.rows[self._table()][-1].append("")
        if tag not in self._VOID:
            self._open.append((tag, dict(attrs).get("id")))

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        while self._open and tag not in self._VOID and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        open_tags = [tag for tag, _ in self._open]
        if "style" in open_tags or "script" in open_tags:
            return
        self.text += f" {data}"
        for _, name in self._open:
            if name:
                self.by_id[name] = self.by_id.get(name, "") + data
        if {"td", "th"} & set(open_tags):
            self.rows[self._table()][-1][-1] += data

    def _table(self):
        return next((name for tag, name in reversed(self._open) if tag == "table"), None)
