"""Text encoders, each behind `penchant.vectors.encoder.Encoder`: the only code that knows a model's library."""
