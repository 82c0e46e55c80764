"""Shared neural network parts with shapes in their docstrings."""
