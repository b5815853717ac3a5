#!/bin/sh
# Builds the documentation as a site: README.md, docs/ and the reference from the public headers, by Doxygen. Fails at a
# warning and at a link that leads nowhere.
#   sh scripts/docs.sh [FOLDER]    build/docs unless given; begin at FOLDER/index.html
set -eu
cd "$(dirname "$0")/.."

command -v doxygen >/dev/null || { echo "docs.sh: doxygen is not installed: sh scripts/deps.sh --all"; exit 77; }
folder=${1:-build/docs}
rm -rf "$folder"
mkdir -p "$folder"
{ cat docs/site/Doxyfile; printf 'OUTPUT_DIRECTORY = "%s"\n' "$folder"; } | doxygen -
for unused in jquery.js dynsections.js doxygen.svg tabs.css 'nav_*.png' 'tab_*.png' 'sync_*.png' 'folder*.png' 'b*_s.png' \
              bdwn.png doc.png closed.png open.png splitbar.png; do
    rm -f "$folder"/$unused
done
python3 docs/site/finish.py "$folder"
