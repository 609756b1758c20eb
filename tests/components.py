"""Which packages bring Streamlit components: looked for once a process, and not again by each app that a test runs.

The answer stays the same as long as nothing is installed, and reading what every package says of itself takes longer
than most pages.
"""

from __future__ import annotations

from functools import cache

from streamlit.components.v2 import manifest_scanner

manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
manifest_scanner.scan_component_manifests()
