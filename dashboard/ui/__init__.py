"""Streamlit parts shared by the pages: frame, language, forms, live panels."""
