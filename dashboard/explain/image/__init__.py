"""Ways to explain what a model says of an image, one a file."""
