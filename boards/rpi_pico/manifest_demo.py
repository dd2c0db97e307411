# Demo image: a release image for a bare Pico, whose board.py has simulated parts and the world around them.
include("manifest_shared.py")
module("boot.py")
module("board.py", base_path="demo")
for name in ("sim_drives.py", "sim_parts.py"):
    module(name, base_path="../unix")
package("plant", base_path="../../hil")
