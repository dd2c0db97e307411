"""Sensors.

bridge_hx711      HX711 and HX710, converters for a load cell
counter_pio       counts edges of STEP, or of a valve's sense line: the steps really made
flow_lg16         Sensirion LG16 flow sensor
flow_slf3x        Sensirion SLF3x flow sensor
level_adc         reservoir level from a voltage
level_bridge      reservoir level from the weight, over bridge_hx711
pressure_abp      Honeywell ABP line pressure sensor
pressure_abp2     Honeywell ABP2
pressure_mpr      Honeywell MPR
_i2c_honeywell    what MPR and ABP2 share
_sensirion_crc    what the flow sensors share
"""
