"""Data to Plotly figure: pure functions, one template."""
