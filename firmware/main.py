"""Board in, app out, run for ever."""

import board
from pump import app

app.App(board).run()
