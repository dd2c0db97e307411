"""The rig: a second Pico that simulates line and sensors for a real pump; see wiring.md. Runs on MicroPython.

    main.py           builds the rig on its pins and runs it
    rig.py            one pass: passes steps to the world, and its readings to the pins
    channel.py        the bench channel, lines of text on USB
    stepped_world.py  the world of hil/plant, advanced by counted steps
    step_input.py     counts the pump's STEP pulses
    mpr_target.py     acts as the pressure sensor on I2C
    level_output.py   acts as the level sensor, a voltage by PWM
    pins.py           the pins
"""
