"""When a stroke comes and how much it gives.

    delivery        starts each stroke on schedule: plan, bolus, keep-open, prime
    schedule        strokes at one rate, exact over any time
    basal_bolus     a basal rate with a bolus on top
    stroke_motion   one counted motion of the drive, forward or in reverse
    stroke_account  the one place where a stroke is booked
    bolus_lockout   when the next bolus may begin
    listener        what parts that measure around strokes are told (types only)
"""
