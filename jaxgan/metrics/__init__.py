"""Evaluators: what is said of images, as numbers."""
