"""Which rows of many vectors have the largest inner product with a query. Knows vectors alone: no item, no person, no text."""
