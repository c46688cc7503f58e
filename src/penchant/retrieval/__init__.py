"""From histories to a few hundred candidates: cheap sources that learn by counting. Knows no network and no text."""
