"""The rig: a second Pico that simulates line and sensors for a real pump; wiring.md draws it. Runs on MicroPython.

    main.py           builds the rig on its pins and runs it
    rig.py            one pass: advances the world by the counted steps and sets the outputs
    channel.py        the bench channel, lines of text on USB
    stepped_world.py  the world of hil/plant, advanced by counted steps
    step_input.py     counts the pump's STEP pulses
    mpr_target.py     acts as the pressure sensor on I2C
    level_output.py   acts as the level sensor, a voltage by PWM
    pins.py           the pins
"""
