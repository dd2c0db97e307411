"""Alarms by priority, with light, sound, silence and reminders."""
