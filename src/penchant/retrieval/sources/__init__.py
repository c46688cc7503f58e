"""One candidate source per file; each is also a simple row that a network has to beat."""
