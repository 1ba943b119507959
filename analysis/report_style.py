"""The look of a report: one column that can be read and printed, numbers in line, nothing fetched."""

from __future__ import annotations

STYLE = """
html { font-size: 16px; }
body { font: 1rem/1.5 system-ui, sans-serif; color: #222; max-width: 62rem; margin: 0 auto;
  padding: 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin-bottom: .3rem; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid #ccc; padding-bottom: .2rem; }
h3, h4, h5, h6 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
.question { font-style: italic; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem;
  font-size: .9rem; }
a { color: #0a5a9c; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; margin: .6rem 0 1rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #555; padding-bottom: .2rem; }
th, td { padding: .18rem .8rem .18rem 0; text-align: right; vertical-align: top;
  border-bottom: 1px solid #e5e5e5; }
th { font-weight: 600; }
th[scope=row] { font-weight: 400; white-space: nowrap; }
th:first-child, .word { text-align: left; }
thead th { border-bottom: 1px solid #888; vertical-align: bottom; }
.undefined { color: #777; font-style: italic; }
figure { margin: 1.5rem 0; }
figure img { max-width: 100%; height: auto; }
figcaption { font-size: .85rem; color: #444; }
code, pre { font: .8rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; background: #f6f6f6; padding: .8rem; }
summary { cursor: pointer; color: #0a5a9c; }
@media print {
  html { font-size: 10px; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  .wide { overflow: visible; }
  figure, tr { break-inside: avoid; }
}
"""
