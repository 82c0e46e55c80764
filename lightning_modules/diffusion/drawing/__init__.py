"""Samples as pictures: grids, strips, sounds, clouds of points."""
