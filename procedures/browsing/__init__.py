"""Browsing the library, the master list, and what people mark for themselves (decision 31)."""
