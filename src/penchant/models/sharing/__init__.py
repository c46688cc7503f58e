"""Ways for tasks to share layers, one file each."""
