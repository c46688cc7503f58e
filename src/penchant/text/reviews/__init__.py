"""What reviews say: how people feel (sentiment), and about what (aspects)."""
