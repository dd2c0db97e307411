# Development image: the firmware and the board's own files, and the way to the REPL stays open.
include("../../firmware/manifest.py")
for name in ("_boot.py", "board.py", "gate.py", "main.py", "pins.py", "resets.py", "storage.py"):
    module(name)
module("partition.py", base_path="$(BOARD_DIR)")
module("image.py", base_path="$(IMAGE_DIR)")
module("rp2.py", base_path="$(PORT_DIR)/modules")
