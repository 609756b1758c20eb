"""Stub."""
from pages.shared import frame, services

frame.set_page()
services.require_access()
here = frame.open_district()
frame.strip(here)
