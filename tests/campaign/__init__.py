"""The firmware as a whole, through random stories, against an oracle that knows the truth: start at `campaign.run`."""
