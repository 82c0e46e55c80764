"""Benchmarks: ratios measured interleaved in one process; see `make bench`."""
