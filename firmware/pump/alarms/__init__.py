"""Alarms with light, sound, acknowledgement and silence.

    alarms     by priority from the conditions (IEC 60601-1-8)
    reminders  states that have lasted long
"""
