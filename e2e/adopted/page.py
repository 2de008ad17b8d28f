"""The report as one HTML page: it needs no other file, and no network."""

from __future__ import annotations

import base64
import re
from html import escape
from typing import TYPE_CHECKING

from e2e.adopted import report as told
from e2e.adopted.cures import CURES
from e2e.adopted.finding import Finding, Look, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.adopted.report import Report

CLASSES = {Verdict.SURVIVED: "survived", Verdict.LOST: "lost", Verdict.NOT_APPLICABLE: "none"}
MOST_LINES = 8
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f27; --soft: #626b7a; --line: #e3e6ec; --paper: #fff;
  --card: #f7f8fa; --good: #16794a; --good-bg: #e4f4ea; --bad: #b3261e; --bad-bg: #fce8e6;
  --link: #2f51c5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaf0; --soft: #9aa3b2; --line: #303642;
  --paper: #14171d; --card: #1c2028; --good: #6fd39b; --good-bg: #173526; --bad: #ff9a91;
  --bad-bg: #45201d; --link: #9db4ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 48px 24px 96px; }
h1 { font-size: 32px; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.01em; }
h2 { font-size: 22px; margin: 56px 0 16px; }
h3 { font-size: 18px; margin: 0 0 4px; }
p { margin: 0 0 12px; } .soft { color: var(--soft); } a { color: var(--link); }
.counts { display: flex; gap: 12px; margin: 28px 0 36px; flex-wrap: wrap; }
.count { flex: 1 1 160px; border: 1px solid var(--line); border-radius: 12px; padding: 14px 18px; }
.count b { display: block; font-size: 34px; line-height: 1.1; }
.count.survived b { color: var(--good); } .count.lost b { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 15px; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 13px; }
th, td { padding: 9px 14px 9px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
.pill { display: inline-block; padding: 1px 10px; border-radius: 99px; font-size: 13px;
  font-weight: 600; white-space: nowrap; }
.pill.survived { color: var(--good); background: var(--good-bg); }
.pill.lost { color: var(--bad); background: var(--bad-bg); }
.pill.none { color: var(--soft); background: var(--card); font-weight: 500; }
td code { white-space: nowrap; }
code, pre { font: 13.5px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px;
  overflow-x: auto; margin: 12px 0; }
.card { border: 1px solid var(--line); border-radius: 12px; padding: 20px; margin: 0 0 20px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 16px;
  margin: 16px 0; }
figure { margin: 0; } figcaption { font-size: 13px; color: var(--soft); margin-bottom: 6px; }
img { width: 100%; border: 1px solid var(--line); border-radius: 8px; display: block; }
ul.gone { margin: 8px 0; padding: 10px 14px; list-style: none; border-left: 3px solid var(--bad);
  background: var(--card); border-radius: 0 8px 8px 0; font-size: 14px; }
ul.gone li { overflow-wrap: anywhere; }
summary { cursor: pointer; padding: 6px 0; }
"""


def render(report: Report, pictures: Path) -> str:
    """Return the page. pictures: the folder of those that the findings name."""
    return "\n".join(_parts(report, pictures))


def _parts(report: Report, pictures: Path) -> Iterator[str]:
    name = escape(report.name)
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>What survives in {name}'
    yield '</title><meta name="viewport" content="width=device-width">'
    yield f"<style>{STYLE}</style><main><h1>What survives in {name}</h1>"
    yield f"<p>{escape(told.summary(report))}</p>"
    source = f"<code>{escape(report.source)}</code>"
    yield f'<p class="soft">{source}, {report.day}, by <code>parity test --app</code></p>'
    yield from _counts(report)
    yield from _table(report)
    if lost := report.of(Verdict.LOST):
        yield "<h2>What is lost</h2>"
        for each in lost:
            yield from _card(each, pictures)
    if report.cures:
        yield "<h2>The changes that cure it</h2>"
        for cure in report.cures:
            yield from _cure(cure)
    if survived := report.of(Verdict.SURVIVED):
        yield "<h2>What survives</h2>"
        for each in survived:
            yield f"<details><summary>{escape(each.title)}</summary>"
            yield from _card(each, pictures)
            yield "</details>"
    yield "</main></html>"


def _counts(report: Report) -> Iterator[str]:
    yield '<div class="counts">'
    for verdict, style in CLASSES.items():
        yield f'<div class="count {style}"><b>{len(report.of(verdict))}</b>{verdict}</div>'
    yield "</div>"


def _table(report: Report) -> Iterator[str]:
    yield '<div class="scroll"><table><tr><th>check<th>result<th>what was seen<th>replica</tr>'
    for each in report.findings:
        title = escape(each.title)
        if each.cure:
            title = f'<a href="#{each.check}">{title}</a>'
        pill = f'<span class="pill {CLASSES[each.verdict]}">{each.verdict}</span>'
        served = escape(told.served(each)).replace(" → ", " →<br>")
        yield f"<tr><td>{title}<td>{pill}<td>{escape(each.reason)}<td><code>{served}</code></tr>"
    yield "</table></div>"


def _card(found: Finding, pictures: Path) -> Iterator[str]:
    yield f'<section class="card" id="{found.check}"><h3>{escape(found.title)}</h3>'
    yield f'<p class="soft">{escape(found.done)}</p><p>'
    yield f'<span class="pill {CLASSES[found.verdict]}">{found.verdict}</span> '
    yield f"{escape(found.reason)}</p>"
    if found.missing:
        items = "".join(f"<li>{escape(line)}" for line in found.missing[:MOST_LINES])
        more = len(found.missing) - MOST_LINES
        yield "<p>Not there any more:</p>"
        yield f'<ul class="gone">{items}{f"<li>and {more} more lines" if more > 0 else ""}</ul>'
    yield '<div class="pair">'
    yield from _picture("before", found.before, pictures)
    yield from _picture("after", found.after, pictures)
    yield "</div>"
    if found.cure:
        yield f'<p>Cure: <a href="#cure-{found.cure}">{escape(CURES[found.cure].title)}</a></p>'
    yield "</section>"


def _picture(when: str, look: Look, pictures: Path) -> Iterator[str]:
    if not look.picture:
        return
    data = base64.b64encode((pictures / look.picture).read_bytes()).decode()
    by = f", served by <code>{escape(' and '.join(look.replicas))}</code>" if look.replicas else ""
    yield f"<figure><figcaption>{when}{by}</figcaption>"
    yield f'<img alt="the page {when}" src="data:image/jpeg;base64,{data}"></figure>'


def _cure(name: str) -> Iterator[str]:
    cure = CURES[name]
    yield f'<section class="card" id="cure-{name}"><h3>{escape(cure.title)}</h3>'
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(cure.text))
    yield f"<p>{text}</p><pre>{escape(cure.code)}</pre>"
    yield f'<p class="soft">More: {escape(cure.more)}</p></section>'
