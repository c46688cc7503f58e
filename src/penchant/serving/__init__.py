"""HTTP and the page: one process that answers for a saved model. No model code, no tensors."""
