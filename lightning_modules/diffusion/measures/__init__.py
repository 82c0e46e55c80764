"""How good samples and denoisers are, and the levels they are read against."""
