# Development image: the firmware and the board's own files; the REPL lock is open.
include("manifest_shared.py")
module("board.py")
