"""The durable event log: what was acknowledged is there after a crash. Knows tenants, keys and order; no model, no HTTP."""
