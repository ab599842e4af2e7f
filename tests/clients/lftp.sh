#!/usr/bin/env bash
# lftp, which speaks SFTP through ssh. Debian package: lftp.
. "$(dirname "$0")/common.sh"

# Its settings and its log lie in the home folder.
export HOME=$PWD

commands() {
  lftp -f <(
    echo "set sftp:connect-program \"ssh -a -x -F /dev/null -i $KEY -o IdentitiesOnly=yes \
-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes\""
    echo 'set cmd:fail-exit yes; set net:max-retries 1; set net:timeout 20'
    echo "open -u $LOGIN, sftp://$HOST:$PORT"
    cat
  )
}
put() { commands <<< "put \"$1\" -o \"$2\""; }
get() { rm -f "$2"; commands <<< "get \"$1\" -o \"$2\""; }

do_resume() {
  put resume.half inbox/resume.xml
  commands <<< 'put -c resume.xml -o inbox/resume.xml'
}
do_rename() {
  printf '%s\n' 'set xfer:use-temp-file yes' 'set xfer:temp-file-name ".in.*"' 'put rename.xml -o inbox/rename.xml' | commands
}
do_times() { put times.xml inbox/times.xml; }
do_list() { commands <<< 'cls -l inbox' | grep -w 'put\.xml'; }
do_parallel() { commands <<< 'mirror -R -r -P 10 -I "parallel-*.xml" . inbox'; }
do_many() { commands <<< 'mirror -R many inbox'; }

all_operations
