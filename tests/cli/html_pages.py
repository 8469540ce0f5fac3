# SPDX-License-Identifier: BSD-2-Clause
"""Reading a page of --html as strictly as it is to be written."""

import base64
import hashlib
import html.parser
import re
import xml.etree.ElementTree as ElementTree

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
# All that HTML lets end without an end tag, of what a page has.
VOID = {"meta", "input"}
# What may not be in a heading of a table, says HTML.
NOT_IN_TH = {"h1", "h2", "h3", "h4", "header", "footer", "section", "article"}


class Source(html.parser.HTMLParser):
    """The page as a browser reads it: HTML, not XML."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.raw, self.faults, self.attributes = [], {}, [], []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"not closed: {self.open}")

    def note(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        if "th" in self.open and tag in NOT_IN_TH:
            self.faults.append(f"<{tag}> in a <th>")
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_starttag(self, tag, attrs):
        self.note(tag, attrs)
        if tag in VOID:
            self.faults.append(f"<{tag}> without its slash")
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.note(tag, attrs)
        # HTML does not see the slash where the element is its own.
        if tag not in VOID and "svg" not in self.open:
            self.faults.append(f"<{tag} />")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> ends something else")

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data


def words(element):
    """What is to be read of an element, in one line."""
    return " ".join("".join(element.itertext()).split())


class Page:
    def __init__(self, path):
        self.text = path.read_text("utf-8")
        self.root = ElementTree.fromstring(self.text)
        self.source = Source(self.text)
        self.ids = [value for _, name, value in self.source.attributes
                    if name == "id"]

    def iter(self, tag, within=None):
        return (self.root if within is None else within).iter(XHTML + tag)

    def title(self):
        return words(next(self.iter("h1")))

    def rows(self):
        """Of each module its name, its row and its cells' words."""
        table = next(table for table in self.iter("table")
                     if table.get("id") == "table")
        for row in table.find(XHTML + "tbody").findall(XHTML + "tr"):
            heading = row.find(XHTML + "th")
            name = next(self.iter("summary", heading), None)
            yield (words(heading if name is None else name), row,
                   [words(cell) for cell in row.findall(XHTML + "td")])

    def headings(self):
        return [words(cell) for table in self.iter("table")
                if table.get("id") == "table"
                for cell in self.iter("th", next(self.iter("thead", table)))]

    def section(self, name):
        return next(section for section in self.iter("section")
                    if section.get("id") == name)

    def edges(self):
        """The graph: pairs of names, what is needed and who needs it."""
        names = {node.get("id"): node.find(SVG + "title").text.split(
            ": needs ")[0] for node in self.root.iter(SVG + "a")
            if node.get("id")}
        return sorted(tuple(names["n" + end]
                            for end in path.get("data-e").split())
                      for path in self.root.iter(SVG + "path"))

    def faults(self):
        """What is wrong with the page, a sentence each."""
        yield from self.source.faults
        if len(self.ids) != len(set(self.ids)):
            yield "an id is there twice"
        for tag, name, value in self.source.attributes:
            if name == "href" and (value[0] != "#"
                                   or value[1:] not in self.ids):
                yield f"<{tag}> leads to {value}"
            if name in ("for", "aria-describedby", "aria-labelledby") \
                    and value not in self.ids:
                yield f"{name}={value} is nowhere"
            if name in ("src", "style", "action", "srcset") or \
                    name.startswith("on"):
                yield f"<{tag}> has {name}"
        foreign = set(re.findall(r"\b(?:https?:|url\(|@import)[^\s\"']*",
                                 self.text))
        foreign -= {"http://www.w3.org/1999/xhtml",
                    "http://www.w3.org/2000/svg"}
        if foreign:
            yield f"the page leads out: {foreign}"
        yield from self.policy_faults()
        yield from self.reader_faults()

    def policy_faults(self):
        """Hashes as a browser makes them, over the elements' texts."""
        policy = next(meta.get("content") for meta in self.iter("meta")
                      if meta.get("http-equiv"))
        for kind, element in (("style", "style"), ("script", "script")):
            digest = base64.b64encode(hashlib.sha256(
                self.source.raw[element].encode()).digest()).decode()
            if f"{kind}-src 'sha256-{digest}'" not in policy:
                yield f"{kind} has another hash than {policy}"
        if not policy.startswith("default-src 'none';"):
            yield "the policy lets things be fetched"

    def reader_faults(self):
        """What somebody misses who does not see the page."""
        for table in self.iter("table"):
            if table.find(XHTML + "caption") is None:
                yield "a table without a caption"
            for cell in self.iter("th", table):
                if cell.get("scope") not in ("row", "col"):
                    yield "a <th> without its scope"
        inputs = list(self.iter("input"))
        labelled = [one for label in self.iter("label")
                    for one in self.iter("input", label)]
        if set(inputs) != set(labelled):
            yield "an input without a label"
        for svg in self.root.iter(SVG + "svg"):
            if not (svg.get("aria-hidden") or svg.get("aria-label")
                    or svg.get("id") == "deps"):
                yield "a picture that nobody is told of"
