# What the cases of this group share: the helpers of the training group (base, run, check, TINY, long, plain, …), a larger
# run with checkpoints to go back to, and a sweep of two small cases.
CASE_FOLDER=$(cd "$(dirname "$0")" && pwd)
. "$(dirname "${BASH_SOURCE[0]}")/../training/lib.sh"
# A run of 160 iterations with a checkpoint every fifth; some seconds on one core
ARGS=(--preset demo --set data.benchmark=tiny --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --set pretrain.iterations=60 --set detector.iterations=60 --set data.size=32 --threads 1 --set checkpoint.every=5 --iterations 40)
# could_not_run WHY: this machine lacks something; counted apart by `cargo xtask cases`
could_not_run() { trap - EXIT; rm -rf "$W"; echo "RESULT $CASE: could not run ($1)"; exit 77; }
needs() { local t; for t in "$@"; do command -v "$t" >/dev/null || could_not_run "\`$t\` is not installed"; done; }
# A finished run of ARGS, trained once, copied to $1
reference() { if [ ! -f "$HERE/_reference/status.json" ]; then "$METAFAS" train "${ARGS[@]}" --out "$HERE/_reference" >/dev/null 2>"$HERE/_reference.err" || { cat "$HERE/_reference.err"; exit 3; }; fi; cp -r "$HERE/_reference" "$1"; }
# A planned sweep of two small cases in $1
sweep() { "$METAFAS" sweep plan mt_fas_fig7 --seeds 1 --set data.benchmark=tiny --set data.size=32 --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --set pretrain.iterations=10 --set bilevel.iterations=4 --set detector.iterations=10 --only bilevel.gamma=0.999 --only bilevel.gamma=0.9 --out "$1" >"$W/plan.out" 2>&1 || { cat "$W/plan.out"; exit 3; }; }
# A manifest of short videos in $1: m.csv, with vid/a.avi (attack) and vid/b.mp4 (live)
videos() { needs ffmpeg; mkdir -p "$1/vid"; ffmpeg -v error -y -f lavfi -i testsrc=s=160x120:r=10 -frames:v 10 "$1/vid/a.avi" && ffmpeg -v error -y -f lavfi -i smptebars=s=160x120:r=10 -frames:v 10 -pix_fmt yuv420p "$1/vid/b.mp4"; printf 'path,label,subject,split\nvid/b.mp4,live,b,train\nvid/a.avi,spoof,a,train\n' >"$1/m.csv"; }
