"""What is left in the reservoir.

    reservoir    the ledger and its marks
    level        the level sensor, averaged
    level_check  level against ledger, from minute to minute: free flow, a drive that moves another volume
    level_trend  level against ledger, from day to day: a small error of the dose
    trim_check   level against the flow sensor's trim
    refill       the refill as a transaction
    dead_volume  the old fluid that is still in the line
"""
