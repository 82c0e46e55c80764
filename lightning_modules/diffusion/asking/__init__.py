"""What can be asked of a trained denoiser, and how it answers: draw, fill, a picture of one's own, word maps."""
