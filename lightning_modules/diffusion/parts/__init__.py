"""What several methods share: networks and their options, presets, prompts, one picture to another, several trainings."""
