"""One data set a file; each module declares `DATASET`."""
