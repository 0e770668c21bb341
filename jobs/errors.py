class WorkerDied(Exception):
    """Recorded as the error of a task whose workers died one after the other while they ran it."""
