"""Runs, metrics, media and checkpoints: the journal, the store, the Lightning logger. No torch at import, no streamlit."""
