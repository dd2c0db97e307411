# What every image holds beside its board.py: the firmware and the board's other files.
include("../../firmware/manifest.py")
for name in ("_boot.py", "deployed.py", "main.py", "pins.py"):
    module(name)
for name in ("repl_lock.py", "reset_cause.py", "storage.py"):
    module(name)
module("partition.py", base_path="$(BOARD_DIR)")
module("build_info.py", base_path="$(IMAGE_DIR)")
module("rp2.py", base_path="$(PORT_DIR)/modules")
