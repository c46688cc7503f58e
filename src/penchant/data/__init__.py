"""From somebody's tables to clean events, items and people: columns, casts, rows, splits. No texts are read here."""
