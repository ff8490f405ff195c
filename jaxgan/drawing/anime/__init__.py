"""Anime faces made of vector shapes; `jaxgan.drawing.drawn` makes data sets of them."""
