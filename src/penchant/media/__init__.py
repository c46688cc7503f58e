"""What pictures say, as vectors, by the same protocol and into the same store as text. Knows no tables and no items."""
