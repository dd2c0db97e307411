# The firmware as every image freezes it in; in the order of the names, so that the same sources give the same image.
import os

for folder in ("drivers", "pump"):
    package(folder, files=sorted(name for name in os.listdir(folder) if name.endswith(".py")))
