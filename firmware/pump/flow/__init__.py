"""The optional flow sensor.

    trim          compares the flow with the programme and trims the stroke volume, within 10 %
    flow_average  the mean of one measurement window
    no_flow       flow that does not arrive: an occlusion that needs no pressure sensor
"""
