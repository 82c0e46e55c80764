"""The studio: its store, jobs, compute workers, figures and user interface."""
