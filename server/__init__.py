"""The server: gathers, lets `sync` plan, applies. Rule: read `server.app` first."""
