#!/usr/bin/env bash
# rclone, which sends under the final name, sets times, and compares size and checksum afterwards.
# Debian package: rclone.
. "$(dirname "$0")/common.sh"

lacks_resume='rclone begins anew'

run() {
  RCLONE_CONFIG=/dev/null rclone --retries 1 --low-level-retries 1 --sftp-host "$HOST" --sftp-port "$PORT" \
    --sftp-user "$LOGIN" --sftp-key-file "$KEY" "$@"
}
put() { run copyto --ignore-times "$1" ":sftp:$2"; }
get() { run copyto ":sftp:$1" "$2"; }

do_rename() {
  put rename.xml inbox/rename.xml.partial
  run moveto :sftp:inbox/rename.xml.partial :sftp:inbox/rename.xml
}
do_times() { put times.xml inbox/times.xml; }
do_list() { run lsf :sftp:inbox | grep -x 'put\.xml'; }
do_many() { run copy many :sftp:inbox; }

all_operations
