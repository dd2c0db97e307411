"""What can only stop the pump or hold it back.

    supervisor       the transition table of the states
    guards           the second path: step_guard, flow_guard and dose_limits together
    step_guard       steps that appeared against steps that were commanded
    flow_guard       over- and under-infusion
    dose_limits      the limits of an hour and a day
    dose_need        what the programme can need of them
    environment      supply and temperature
    heartbeats       whether every job has run; the watchdog is fed only then
    power_on_test    parts, memory and program before anything is delivered
    background_test  memory, program and clock while the pump works
    built_in_tests   the tests that both run
    reset_count      resets by the watchdog or a fatal error within ten minutes
    watchdog_test    lets the watchdog reset the chip once at power-on
"""
