"""Figures of a comparison: one file each, whose docstring is the caption; ``draw(told) -> Drawn``."""
