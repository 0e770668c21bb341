"""Approval routes as an administrator sets them up: which one answers for what, what is in it, who would decide."""
