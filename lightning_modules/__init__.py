"""One training method a file, readable beside its paper. Importing this package does not import torch."""
