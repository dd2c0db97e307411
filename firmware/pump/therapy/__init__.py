"""The therapy plan.

    plan             phases of fluid, rate and length, and what follows
    plan_validation  what a plan must be to be accepted
"""
