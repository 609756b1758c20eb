"""Small drawings for buttons without words; each carries its button's name, which Streamlit's own icons do not."""

from __future__ import annotations

import base64

#: Lines on a ground of 20 by 20.
_LINES = {
    "close": "M5 5 15 15M15 5 5 15",
    "delete": "M3.5 6H16.5M7.5 6V3.5H12.5V6M5.5 6 6.2 16.7H13.8L14.5 6M8.5 9V13.7M11.5 9V13.7",
    "up": "M10 16.5V4M4.5 9.5 10 4 15.5 9.5",
    "down": "M10 3.5V16M4.5 10.5 10 16 15.5 10.5",
    "copy": "M7.5 7.5H16.5V16.5H7.5ZM3.5 12.5V3.5H12.5",
    "fold": "M5.5 3.5 10 8 14.5 3.5M5.5 16.5 10 12 14.5 16.5",
    "unfold": "M5.5 7.5 10 3 14.5 7.5M5.5 12.5 10 17 14.5 12.5",
}
_ON, _OFF = "#14171a", "#a3a9b0"


def label(drawing: str, name: str, *, off: bool = False) -> str:
    """A button's label that is a drawing and is read out as `name`; paler where the button is `off`."""
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="1 1 18 18" fill="none" '
        f'stroke="{_OFF if off else _ON}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{_LINES[drawing]}"/></svg>'
    )
    return f"![{name}](data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()})"
