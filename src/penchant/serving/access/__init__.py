"""Who may do what: keys, scopes, tenants, limits, the audit log. Layers around the application; no route lives here."""
