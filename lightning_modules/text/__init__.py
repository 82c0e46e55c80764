"""From a prompt in English or Hindi to the vectors that a picture model is told it by."""
