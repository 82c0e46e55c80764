"""Classifiers learned from labels, and the pretrained one that comes as a package."""
