"""Ways to fold a history into interest vectors, one file each: forward(x_BLD, times_BL) -> states_BLD, causal."""
