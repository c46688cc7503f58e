"""HTTP and the page: no model code, no tensors in a route."""
