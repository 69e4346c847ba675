#!/usr/bin/env bash
# A folder of images through twelve steps, as a CI job would take it: pipeline.sh PHOTOS OUT
set -euo pipefail
photos=$1 out=$2
mkdir -p "$out"

# 1. what would be done, and how long it would take
dlcli detect "$photos" -r --plan

# 2. which files are damaged or odd; the rest goes on without them
dlcli preprocess "$photos" -r --check --skip-bad --report sarif="$out/audit.sarif" --report markdown="$out/audit.md"

# 3. more contrast, brighter
dlcli preprocess "$photos" -r --clahe 2 --gamma 0.9 --skip-bad --out "$out/bright" --quiet > /dev/null

# 4. look for things, in two jobs that share a folder
for job in 1 2; do
    dlcli detect "$out/bright" -r --shard "$job/2" --out "$out/found" --save annotated,yolo --quiet > /dev/null
done

# 5. one file again, as if it had been one job
dlcli merge "$out"/found/results.?-of-2.jsonl --out "$out/found.jsonl" --quiet

# 6. gates and reports on it: exit 1 here ends the script
dlcli merge "$out/found.jsonl" --fail-if 'count(dog) > 0' --report junit="$out/junit.xml"
dlcli merge "$out/found.jsonl" --require 'any: score(cat) >= 0.6' --report html="$out/report.html"

# 7. what is in each box?
dlcli classify --from-jsonl "$out/found.jsonl" --top 1 --json > "$out/named.jsonl"

# 8. masks; the job is cut short, and goes on
timeout --signal KILL 0.6 dlcli segment "$out/bright" -r --out "$out/masks" --resume --quiet > /dev/null || true
dlcli segment "$out/bright" -r --out "$out/masks" --resume --quiet > /dev/null

# 9. the same as one COCO file, for a labeling tool
dlcli convert "$out/found.jsonl" "$out/coco" --to coco

# 10. does the model still find what it found? a floor for the score
dlcli eval detect "$out/coco" --split all --conf 0.25 --min map50=0.95 --quiet

# 11. has anything changed since?
dlcli detect "$out/bright" -r --threads 1 --json --quiet > "$out/again.jsonl"
dlcli diff "$out/found.jsonl" "$out/again.jsonl"

# 12. the images of cats, by their records
jq -r 'select(any(.detections[]?; .label == "cat")) | .source' "$out/found.jsonl" > "$out/cats.txt"
dlcli preprocess --files-from "$out/cats.txt" --resize 64 --out "$out/thumbnails" --quiet > /dev/null
