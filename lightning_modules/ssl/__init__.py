"""Self-supervised learning from images: one method a file, and what they share: views, encoders, measures of representations."""
