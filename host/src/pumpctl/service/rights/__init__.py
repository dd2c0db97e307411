"""Who may do what with a pump of the service: tokens with their roles, and the key by which the service commands it."""
