"""Manuals: any selection of procedures as one PDF with contents, continuous page numbers and an index by role."""
