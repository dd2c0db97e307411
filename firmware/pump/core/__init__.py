"""What is not about pumps: time, jobs, conditions, parameters, and numbers that can be trusted."""
