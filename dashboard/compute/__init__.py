"""Warm worker processes that hold models and answer short requests."""
