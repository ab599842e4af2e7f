#!/usr/bin/env bash
# What a site would write today in place of ecocd: watches a folder, checks each file against the
# schema, inserts a row, and writes a receipt beside the file. benches/compare.sh measures it.
#
#   benches/site-script.sh INBOX DATABASE SCHEMA
#
# Files are taken up by as many processes at once as there are processors. Unlike ecocd it syncs
# nothing but the database (as SQLite does by itself), takes no notice of what came while it was not
# running, finds duplicates only by the row, and knows no rules beyond the schema.
# Debian packages: inotify-tools, libxml2-utils, sqlite3.
set -euo pipefail

inbox=$1 database=$2 schema=$3

if [ "${4:-}" != one ]; then
  sqlite3 "$database" 'create table if not exists submissions (
    name text not null, vin text not null unique, sha256 text not null, outcome text not null,
    decided text not null);'
  inotifywait --quiet --monitor --event close_write --event moved_to --format '%f' "$inbox" \
    | grep --line-buffered '\.xml$' \
    | xargs -d '\n' -P "$(nproc)" -I '{}' "$0" "$inbox" "$database" "$schema" one '{}'
  exit
fi

name=$5
file=$inbox/$name
outcome=rejected
message='The file does not fit the schema.'
sha256=$(sha256sum "$file") sha256=${sha256%% *}
if errors=$(xmllint --nonet --noout --schema "$schema" "$file" 2>&1); then
  vin=$(grep -o -m 1 '<VehicleIdentificationNumber>[^<]*' "$file") vin=${vin#*>}
  if message=$(sqlite3 -cmd '.timeout 30000' "$database" "insert into submissions values
      ('${name//\'/}', '${vin//\'/}', '$sha256', 'accepted', datetime('now'));" 2>&1); then
    outcome=accepted
    message='The certificate was recorded.'
  else
    outcome=duplicate
  fi
else
  message="$message ${errors%%$'\n'*}"
fi
printf '{\n  "outcome": "%s",\n  "message": "%s",\n  "file": { "name": "%s", "sha256": "%s" }\n}\n' \
  "$outcome" "${message//[\"\\]/}" "$name" "$sha256" > "$inbox/.$name.receipt"
mv "$inbox/.$name.receipt" "$inbox/$name.receipt.json"
