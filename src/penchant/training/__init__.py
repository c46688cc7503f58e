"""The one loop: sequences in, learned weights out. Knows no model, task or way of balancing by name."""
