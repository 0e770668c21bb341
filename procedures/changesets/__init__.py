"""Change sets: what belongs together, the manifest that is signed, what stands in the way, who may see it."""
