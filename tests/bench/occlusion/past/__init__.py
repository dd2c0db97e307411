"""The detector of the release before, as a rival: a cumulative sum of the level's rises, and the level itself."""
