"""Language models trained by self-supervision: next token."""
