#!/usr/bin/env bash
# curl, which speaks SFTP through libssh2. Debian package: curl.
. "$(dirname "$0")/common.sh"

run() { curl -sS -k --key "$KEY" --pubkey "$KEY.pub" -u "$LOGIN:" "$@"; }
# A path of a URL: everything but letters, digits and a few signs in hexadecimal.
url() { echo "sftp://$HOST:$PORT/$(python3 -c 'import sys, urllib.parse as u; print(u.quote(sys.argv[1]))' "$1")"; }
put() { run -T "$1" "$(url "$2")"; }
get() { run -o "$2" "$(url "$1")"; }

do_resume() {
  put resume.half inbox/resume.xml
  run -C - -T resume.xml "$(url inbox/resume.xml)"
}
do_rename() {
  run -T rename.xml -Q '-rename /inbox/rename.xml.tmp /inbox/rename.xml' "$(url inbox/rename.xml.tmp)"
}
do_times() {
  run -T times.xml -Q "-mtime \"$(date -R -u -r times.xml)\" /inbox/times.xml" "$(url inbox/times.xml)"
}
do_list() { run -l "$(url inbox/)" | grep -x 'put\.xml'; }
do_many() { run -T "many/{$(ls many | paste -sd,)}" "sftp://$HOST:$PORT/inbox/"; }

all_operations
