"""Curves of a training for the tools that people watch theirs in, one file each."""
