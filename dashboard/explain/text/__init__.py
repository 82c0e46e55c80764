"""Ways to explain what a model says of a text, one a file."""
