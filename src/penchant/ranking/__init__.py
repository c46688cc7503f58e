"""From a history to a list: the network as a source, sources fused, probabilities calibrated."""
