"""Vectors that are computed once: a store addressed by content, the same for text, pictures and sound."""
