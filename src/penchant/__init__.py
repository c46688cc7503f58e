"""Penchant: an LLM-driven, multi-task recommender."""
