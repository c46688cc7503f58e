"""Named models and data sets: local path, cache, hub or URL, PyPI wheel; each with its licence and SHA-256."""
