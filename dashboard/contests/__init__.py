"""Several methods on the same data with the same budget, over several seeds; measured, and set beside what is said of them."""
