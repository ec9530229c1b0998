"""The embedded engine: MiniStack in an environment of its own, with what it lacks."""
