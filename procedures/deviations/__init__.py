"""Temporary deviations: who decides on them, and who sees them and does what."""
