"""The report's picture as SVG: drawn here, so that page and PDF show the very same and need no browser to draw it."""

from __future__ import annotations

from xml.sax.saxutils import escape  # it writes only  # nosec B406

from roster_core.charts import STATUS_COLOURS, STATUS_LABELS
from roster_core.report import Bar, Bars

_WIDTH, _NUMBERS, _ROW, _THICK, _TOP = 440, 104, 20, 11, 26
# Letters of a label that fit beside its bar.
_LONGEST = 24
# Three children in a thousand must be seen.
_THINNEST = 2.5
_INK, _QUIET = "#22282e", "#5b646e"


def picture(bars: Bars) -> str:
    """One stacked bar a row with its numbers, and what the colours mean. Labels are text and never markup."""
    widest = max((row.in_scope for row in bars.rows), default=0)
    height = _TOP + _ROW * len(bars.rows) + 4
    left = 22 + 6 * min(max((len(row.label) for row in bars.rows), default=0), _LONGEST)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'font-family="Source Sans 3, Source Sans Pro, Segoe UI, Helvetica, Arial, sans-serif" font-size="12">',
        *_legend(left),
        *(part for place, row in enumerate(bars.rows) for part in _row(row, _TOP + place * _ROW, left, widest)),
        "</svg>",
    ]
    return "".join(parts)


def _legend(left: int) -> list[str]:
    parts, x = [], left
    for status, label in STATUS_LABELS.items():
        parts.append(f'<rect x="{x}" y="4" width="10" height="10" rx="2" fill="{STATUS_COLOURS[status]}"/>')
        parts.append(f'<text x="{x + 15}" y="13" fill="{_QUIET}">{escape(label)}</text>')
        x += 26 + 6 * len(label)
    return parts


def _row(row: Bar, y: int, left: int, widest: int) -> list[str]:
    middle = y + _ROW / 2
    parts = [f'<text x="{left - 10}" y="{middle + 4:g}" text-anchor="end" fill="{_INK}">{_short(row.label)}</text>']
    x, unit = float(left), (_WIDTH - left - _NUMBERS) / max(widest, 1)
    for status in STATUS_LABELS:
        if count := getattr(row, status):
            width = max(count * unit, _THINNEST)
            parts.append(
                f'<rect x="{x:.2f}" y="{middle - _THICK / 2:g}" width="{width:.2f}" height="{_THICK}" '
                f'fill="{STATUS_COLOURS[status]}"/>'
            )
            x += width + 0.75
    told = f"{row.one:,} of {row.in_scope:,}"
    parts.append(f'<text x="{x + 7:.2f}" y="{middle + 4:g}" fill="{_INK}">{told}</text>')
    return parts


def _short(label: str) -> str:
    """A label that fits beside its bar; the table has it whole. Control characters are no XML."""
    shown = "".join(sign for sign in label if sign.isprintable())
    return escape(shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1].rstrip() + "…")
