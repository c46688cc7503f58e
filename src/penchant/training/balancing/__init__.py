"""Ways to join the losses of several tasks, one file each."""
