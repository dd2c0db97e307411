"""The therapy plan: phases of fluid, rate and length."""
