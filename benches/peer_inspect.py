#!/usr/bin/env python3
"""Counts of the data sets below a folder the way a researcher's script has them: os.walk, a regular expression a set.

    python3 peer_inspect.py FOLDER

It is the peer of `metafas data inspect`: it counts clips by part and species and does nothing else; no published list is
compared, no box file put to its clip, no list file read. Prints one JSON object: seconds, peak memory, clips.
"""
import collections, json, os, re, sys, time

SETS = [re.compile(p, re.I) for p in (
    r"(?P<part>train|dev|test)_files/[1-6]_[1-3]_\d{1,2}_(?P<species>[1-5])\.(avi|mp4|mov)$",
    r"(?P<part>train|test)_release/\d+/(?P<species>[1-8]|HR_[1-4])\.(avi|mp4|mov)$",
    r"(?P<part>train|devel|test)/(real|attack/(fixed|hand))/(attack_(?P<species>print|mobile|highdef)_)?client\d{3}_"
    r"session\d\d_\w+_(controlled|adverse)(_[12])?\.(avi|mp4|mov)$",
    r"(?P<part>real|attack)_client\d{3}_(laptop|android)_SD_((?P<species>ipad_video|iphone_video|printed_photo)_)?"
    r"scene01\.(avi|mp4|mov)$",
    r"(?P<species>G|Ps|Pq|Vl|Vm|Mc|Mf|Mu|Ml)_(T|NT)_(HS|HW|IP|5s|ZTE)_(g|wg)_[A-Z]_(?P<part>\d+)_\d+\.(avi|mp4|mov)$",
    r"(?P<part>\w+)/(?P<species>Live|Replay|Paper|Mask_\w+|Makeup_\w+|Partial_\w+)_\d+\w*\.(avi|mp4|mov)$",
)]

start = time.perf_counter()
counts = collections.Counter()
for root, folders, files in os.walk(sys.argv[1]):
    folders.sort()
    for name in files:
        path = os.path.join(root, name)
        for number, pattern in enumerate(SETS):
            match = pattern.search(path)
            if match:
                counts[number, match["part"], match["species"]] += 1
                break
seconds = time.perf_counter() - start
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
print(json.dumps({
    "seconds": seconds,
    "peak_mib": peak / 1024,
    "clips": sum(counts.values()),
}))
