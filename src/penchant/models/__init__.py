"""The networks: tensors in, one output per task out. No file reading, no loss, no device choice."""
