"""What differs between two texts: their words, the rows of their tables, the fields of their steps."""
