#!/usr/bin/env bash
# ecocd and what a site would script today, side by side on this machine: files a second from the
# first OPEN to the last receipt, by the same load generator.
#
#   benches/compare.sh [--connections 1,8,32] [--count N] [--site-count N] [--rounds R] [--data DIR]
#
# The script's way is slow, so it gets fewer files (--site-count); both figures are files a second.
# --data names the folder whose disk both write to; a folder below target/ by default, because
# /tmp may be no disk at all.
# Debian packages: openssh-server, inotify-tools, libxml2-utils, sqlite3.
set -euo pipefail
cd "$(dirname "$0")/.."

connections=1,8,32 count=2000 site_count=300 rounds=3 data=$PWD/target/compare
while [ $# -gt 0 ]; do
  case $1 in
    --connections) connections=$2 ;;
    --count) count=$2 ;;
    --site-count) site_count=$2 ;;
    --rounds) rounds=$2 ;;
    --data) data=$2 ;;
    *) sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 64 ;;
  esac
  shift 2
done

for tool in inotifywait xmllint sqlite3; do
  command -v "$tool" >/dev/null || { echo "$tool is missing; tests/run installs it" >&2; exit 1; }
done

work=$(mkdir -p "$data" && mktemp -d "$data/XXXXXX")
script=
finish() {
  # The script and its children are a group of their own.
  [ -z "$script" ] || kill -- "-$script" 2>/dev/null || true
  [ ! -f "$work/sshd/pid" ] || tests/services/sshd stop "$work/sshd" || true
  rm -rf "$work"
}
trap finish EXIT

echo "building" >&2
cargo bench --quiet --locked --bench intake --no-run
# Cargo prints one JSON line for each thing it made; ours is the one of kind bench.
generator=$(cargo bench --quiet --locked --bench intake --no-run --message-format=json \
  | sed -n 's/.*"kind":\["bench"\].*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)

echo "ecocd" >&2
mkdir "$work/ecocd"
"$generator" --data "$work/ecocd" --connections "$connections" --count "$count" --rounds "$rounds" \
  > "$work/ours"

echo "OpenSSH, inotifywait, xmllint, sqlite3" >&2
server=$(tests/services/sshd start "$work/sshd")
inbox=$work/sshd/files/inbox
mkdir "$inbox"
set -m
benches/site-script.sh "$inbox" "$work/rows.sqlite" config/schema/ivi-2.0-uk.xsd > "$work/script.log" 2>&1 &
script=$!
set +m
# inotifywait says nothing once it watches; a file of no certificate shows that it does.
for try in $(seq 100); do
  echo '<begin/>' > "$inbox/begin-$try.xml"
  sleep 0.1
  if compgen -G "$inbox/begin-*.receipt.json" >/dev/null; then break; fi
done
"$generator" --server "$server" --login "$(id -un)" --key "$work/sshd/key" --receipts "$inbox" \
  --connections "$connections" --count "$site_count" --rounds "$rounds" > "$work/theirs"

field() { sed -n "s/.*\b$1=\([0-9.]*\).*/\1/p"; }
echo
echo "| connections | ecocd, files/s | OpenSSH + script, files/s | ratio | ecocd's memory, peak MiB |"
echo "|---:|---:|---:|---:|---:|"
paste -d '\n' "$work/ours" "$work/theirs" | while read -r ours && read -r theirs; do
  printf '| %s | %s | %s | %s | %s |\n' \
    "$(field connections <<< "$ours")" "$(field files_per_second <<< "$ours")" \
    "$(field files_per_second <<< "$theirs")" \
    "$(awk -v a="$(field files_per_second <<< "$ours")" -v b="$(field files_per_second <<< "$theirs")" \
      'BEGIN { printf "%.1f", a / b }')" \
    "$(field rss_peak_mib <<< "$ours")"
done
