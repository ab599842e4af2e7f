#!/usr/bin/env bash
# OpenSSH's scp of version 9, which speaks SFTP. Debian package: openssh-client.
. "$(dirname "$0")/common.sh"

lacks_resume='scp begins anew'
lacks_rename='scp cannot rename'
lacks_list='scp cannot list'

copy() {
  scp -q -F /dev/null -P "$PORT" -i "$KEY" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes "$@"
}
put() { copy -- "$1" "$LOGIN@$HOST:$2"; }
get() { copy -- "$LOGIN@$HOST:$1" "$2"; }

do_times() { copy -p times.xml "$LOGIN@$HOST:inbox/times.xml"; }
do_many() { copy many/*.xml "$LOGIN@$HOST:inbox/"; }

all_operations
