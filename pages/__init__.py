"""One page a file: `PAGE` and `render()`, thin. Nothing happens at import."""
