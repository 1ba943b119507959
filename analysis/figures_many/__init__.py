"""Figures of an ensemble: one file each, whose docstring is the caption; ``draw(many) -> Drawn``."""
