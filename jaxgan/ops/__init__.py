"""Convolutions and resampling as computations, chosen by backend and shape."""
