"""The process itself, readable beside the papers: schedules, objectives, weightings, what a sampler walks, exact denoisers."""
