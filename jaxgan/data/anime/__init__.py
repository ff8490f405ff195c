"""Anime faces made of vector shapes; `jaxgan.data.drawn` makes data sets of them."""
