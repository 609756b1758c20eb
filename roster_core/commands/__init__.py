"""The commands, wired: each parses, calls the core, and says the outcome to a person or as one JSON document."""
