"""What is not about pumps: time, jobs, conditions, parameters, and checked numbers.

    ticks, uptime       milliseconds on a circle of 2^30, and time since power-on
    scheduler           jobs with due times, in a fixed order
    conditions          the bits of the supervisor and the notes of the alarms
    params, redundant   parameters, each stored with its complement
    containment         errors in a query or in telemetry end there
    debounce            when a fault counts, and when it ends
    volume, fixed_point microlitres with picolitres; sensor counts to units
"""
