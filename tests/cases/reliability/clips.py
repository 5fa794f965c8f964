"""Writes PICTURES small pictures and a manifest of them into FOLDER: train, dev and test parts, live and attacks."""
import os
import struct
import sys
import zlib

folder, count = sys.argv[1], int(sys.argv[2])
os.makedirs(folder, exist_ok=True)


def png(path, seed):
    rows = b"".join(b"\0" + bytes(((x * 7 + y * 13) ^ seed) % 256 for x in range(64) for _ in range(3)) for y in range(64))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


lines = ["path,label,species,subject,split,cropped"]
for i in range(count):
    live = i % 2 == 0
    png(os.path.join(folder, f"{i:03}.png"), i * 5)
    part = ["train", "train", "train", "train", "dev", "test"][i // 2 % 6]
    lines.append(f"{i:03}.png,{'live' if live else 'attack'},{'' if live else 'print'},{i // 2},{part},yes")
with open(os.path.join(folder, "m.csv"), "w") as f:
    f.write("\n".join(lines) + "\n")
