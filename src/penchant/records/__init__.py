"""The nouns that travel between the rooms, validated when they are made. No learning, no network."""
