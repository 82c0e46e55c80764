"""Ways to explain what a model says of a row of a table, one a file."""
