"""Drives, and the motor drivers that turn their pulses into coil currents.

drive_stepper_pio   stepper: STEP and ENABLE from a PIO program that counts
drive_valves        inlet, chamber and outlet valves from a PIO program
motor_step_dir      A4988, DRV8825
motor_tmc2209       TMC2209 on its UART
"""
