"""A model from a table, trained on the spot: columns to numbers, three learners, and honest validation. scikit-learn in workers only."""
