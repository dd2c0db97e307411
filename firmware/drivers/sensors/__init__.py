"""Pressure, flow, level and step-counter drivers."""
