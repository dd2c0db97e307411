"""The service: owns the ports of one or several pumps and lets many clients use them at the same time."""
