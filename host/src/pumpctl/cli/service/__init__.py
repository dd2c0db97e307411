"""The verbs around the service: serve, session, world."""
