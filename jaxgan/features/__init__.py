"""Frozen extractors and their weight files: VGG16, Inception, LPIPS, DISTS."""
