"""Diffusion models: process, samplers, methods; one algorithm a file."""
