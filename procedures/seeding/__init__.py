"""Published procedures in numbers, for load tests and benchmarks (`manage.py seedbench`)."""
