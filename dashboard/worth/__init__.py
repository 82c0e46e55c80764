"""What a representation is worth: few labels with and without pretraining, measured piece by piece, kept, and told. No torch here."""
