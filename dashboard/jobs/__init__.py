"""Queue, supervisor, warm starter and the process that trains. Only `trainer` and what the starter forks import torch."""
