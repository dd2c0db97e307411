"""The commands of the link: one file per subject, one method per command.

    dispatcher      checks a request and finds its method; confirms a pending change
    answered        the last requests with their answers: one that is sent again is not carried out again
    validation      fields against the definitions; refusals
    pending_change  the one change that waits for its confirmation
    delivery        start, stop, pause, resume, rate, plan, bolus, prime
    refill          the refill, entry by entry
    settings        parameters, acknowledgement, silence, clearing the journal
    queries         what only reads
    answers         the pairs of the longer answers
"""
