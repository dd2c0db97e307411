# The firmware as every image freezes it in; in the order of the names, so that the same sources give the same image.
import os


def modules(folder):
    found = []
    for name in sorted(os.listdir(folder)):
        path = folder + "/" + name
        if os.path.isdir(path):
            found.extend(modules(path))
        elif name.endswith(".py"):
            found.append(path)
    return found


for path in modules("drivers") + modules("pump"):
    module(path)
