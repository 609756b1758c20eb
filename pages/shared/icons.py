"""Small drawings for buttons, each read out by a name of its own, which Streamlit's icons are not."""

from __future__ import annotations

import base64

#: Lines on a ground of 20 by 20.
_LINES = {
    "close": "M5 5 15 15M15 5 5 15",
    "delete": "M3.5 6H16.5M7.5 6V3.5H12.5V6M5.5 6 6.2 16.7H13.8L14.5 6M8.5 9V13.7M11.5 9V13.7",
    "more": "M4 10H5M9.5 10H10.5M15 10H16",
    "add": "M10 4V16M4 10H16",
    "down": "M5.5 8 10 12.5 14.5 8",
    "less": "M5.5 12.5 10 8 14.5 12.5",
    "people": "M7.5 9.5A3 3 0 1 0 7.4 9.5M2.5 16.5C2.5 11 12.5 11 12.5 16.5M13 4.2A3 3 0 0 1 13 9.4M15 12.5 17.5 16.5",
    "note": "M4.5 3.5H15.5V11.5L11.5 16.5H4.5ZM15.5 11.5H11.5V16.5",
    "fold": "M5.5 3.5 10 8 14.5 3.5M5.5 16.5 10 12 14.5 16.5",
    "unfold": "M5.5 7.5 10 3 14.5 7.5M5.5 12.5 10 17 14.5 12.5",
}
_INK = "#14171a"


def label(drawing: str, name: str) -> str:
    """The label of a button that is nothing but a drawing: it is read out as `name`, and a mouse shows that."""
    # As a title: Streamlit's own `help` on dozens of buttons takes a browser longer to draw.
    return f'![{name}]({_picture(drawing)} "{name}")'


def mark(drawing: str, name: str) -> str:
    """A drawing beside the words of a label, read out as `name`: what the words belong to, or how it stands."""
    return f"![{name}]({_picture(drawing)})"


def _picture(drawing: str) -> str:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="1 1 18 18" fill="none" '
        f'stroke="{_INK}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{_LINES[drawing]}"/></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
