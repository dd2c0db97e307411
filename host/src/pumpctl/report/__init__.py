"""The HTML report of a run, and the plot of a pressure trace."""
