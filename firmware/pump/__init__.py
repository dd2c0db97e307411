"""The pump's logic: whole numbers, no hardware, no clock of its own. Read it from the top down.

    app          builds the parts, lists the jobs in their order, runs the main loop
    commands     the commands of the link, one file per subject
    controller   requests, states, and what each new state starts and stops
    persistence  saves the state and the settings, loads them after a reset
    link         lines in and out, and their format
    occlusion    the pressure in the line, and what is done about an occlusion
    dose         when a stroke starts, how much it gives, and where it is booked
    flow         the optional flow sensor
    therapy      the plan: phases of fluid, rate and length
    reservoir    what is left: ledger, level sensor, refill, dead volume
    safety       supervisor, guards, tests of the hardware: can only stop the pump
    alarms       alarms with light, sound, acknowledgement, silence, reminders
    journal      what outlasts a reset: strokes, events, state, settings
    core         time, jobs, conditions, parameters, volumes, debounce
    hal, defs    contracts of the parts; the definitions (generated)

Who may import whom: tests/layers/test_firmware_layers.py.
"""
