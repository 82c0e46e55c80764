"""Why a model said what it said: one contract, one method a file, and the evidence that belongs to every answer.

No streamlit here, and no torch outside `image/`, `text/`, `denoiser/` and `embedding/`: pages and command line read the contract, workers compute.
"""
