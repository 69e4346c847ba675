#!/bin/sh
# Makes the images of docs/gallery.md again, by its own commands: sh docs/gallery.sh, from the root of a clone.
# gallery/report.png is a screenshot of report.html and is made by hand.
set -eu
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
sed -n 's/^    dlcli /dlcli /p' docs/gallery.md | sed "s# gallery/# $work/#; s#=gallery/#=$work/#" | sh -eu
for folder in "$work"/*/; do
    image=$(find "$folder" -name '*.[jp][pn]g' -type f)
    cp "$image" "docs/gallery/$(basename "$folder").${image##*.}"
done
