"""Lists that learn: something uncertain is shown now and then, and the chance with which it was shown is written down."""
