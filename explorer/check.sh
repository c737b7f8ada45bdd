#!/bin/sh
# The committed bundle is what the locked sources build, byte for byte. Needs Node 20 and npm.
set -eu
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
npm ci --ignore-scripts --silent
EXPLORER_OUT="$out" npm run --silent build
for file in explorer.js explorer.css map.js; do
  cmp "$out/$file" "../sc_pipeline/report/explorer/bundle/$file" || {
    echo "explorer: $file is not what its sources build; run \`npm run build\` in explorer/ and commit the result" >&2
    exit 1
  }
done
echo "explorer: the bundle is what its sources build"
