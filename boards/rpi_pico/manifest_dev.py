# Development image: the firmware and the board's own files; the REPL lock is open.
include("../../firmware/manifest.py")
for name in ("_boot.py", "board.py", "repl_lock.py", "main.py", "pins.py", "reset_cause.py", "storage.py"):
    module(name)
module("partition.py", base_path="$(BOARD_DIR)")
module("build_info.py", base_path="$(IMAGE_DIR)")
module("rp2.py", base_path="$(PORT_DIR)/modules")
