"""What is predicted and how it is scored: one file per task. No network layers, no loop."""
