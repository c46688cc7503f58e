"""Is it any good? Pure functions on ranked lists and predictions of anybody's system; it knows no model."""
