"""Ways to order candidates once more, one file each: rerank(candidates, k) -> positions (B, k). Rules come last."""
