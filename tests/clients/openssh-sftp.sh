#!/usr/bin/env bash
# OpenSSH's sftp, in batches. Debian package: openssh-client.
. "$(dirname "$0")/common.sh"

batch() {
  sftp -q -F /dev/null -P "$PORT" -i "$KEY" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes -b - "$LOGIN@$HOST"
}
put() { batch <<< "put \"$1\" \"$2\""; }
get() { batch <<< "get \"$1\" \"$2\""; }

do_resume() {
  put resume.half inbox/resume.xml
  batch <<< 'reput resume.xml inbox/resume.xml'
}
do_rename() {
  printf '%s\n' 'put rename.xml inbox/rename.xml.tmp' 'rename inbox/rename.xml.tmp inbox/rename.xml' | batch
}
do_times() { batch <<< 'put -p times.xml inbox/times.xml'; }
do_list() { batch <<< 'ls -la inbox' | grep -w 'put\.xml'; }
do_many() { batch <<< 'put many/*.xml inbox/'; }

all_operations
