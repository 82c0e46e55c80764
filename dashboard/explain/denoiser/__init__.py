"""What a trained denoiser does with a picture at one noise level: which pixels drive it, what each word does, where its loss lies."""
