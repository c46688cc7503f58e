"""The routes of the API, version 1, a file for each kind of thing: they parse, ask the workspace, and answer."""
