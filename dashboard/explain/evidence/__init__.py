"""What speaks for an explanation and what against it: measured on the explanation itself, whatever method made it."""
