# What the shell scripts of this folder share: the list of operations, and how each is told of.
#
# A script defines `put LOCAL REMOTE` (one connection), `get REMOTE LOCAL`, and those of `do_resume`,
# `do_rename`, `do_times`, `do_list` and `do_many` that its client can do; for each of the others it
# sets `lacks_NAME` to the reason. Then it calls `all_operations`. It is started by
# tests/it/clients.rs in a folder with the files to send, with these variables:
#
#   HOST PORT LOGIN     the door
#   STALL_PORT          a way to it that swallows everything after some hundred kilobytes, and then
#                       makes the file `stalled`
#   KEY WRONG_KEY       private keys of OpenSSH; beside them the public key (.pub)
set -u
unset SSH_AUTH_SOCK
exec </dev/null

operations='put overwrite resume rename times list parallel cancel empty limit limit_over names wrong_key many receipt'

# How long to wait for what should come at once, in tenths of a second.
patience=300

# Runs one operation, and tells of it in one line.
operation() {
  local name=$1 lacks
  lacks=lacks_$name
  if [ -n "${!lacks:-}" ]; then
    echo "cannot $name: ${!lacks}"
    return
  fi
  # Not as the condition of an `if`: there, `set -e` would be without effect.
  (set -e; "do_$name") >"said-$name" 2>&1
  if [ $? = 0 ]; then
    echo "ok $name"
  else
    echo "FAILED $name: $(tail -n 5 "said-$name" | tr '\n' '|')"
  fi
}

all_operations() {
  local name
  for name in $operations; do operation "$name"; done
}

do_put() { put put.xml inbox/put.xml; }

do_overwrite() {
  put overwrite-1.xml inbox/overwrite.xml
  put overwrite-2.xml inbox/overwrite.xml
}

do_parallel() {
  local number pid pids=()
  for number in 0 1 2 3 4 5 6 7 8 9; do
    put "parallel-$number.xml" "inbox/parallel-$number.xml" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
}

# The client is killed when it has sent a part of the file.
do_cancel() {
  local sending tenths=0
  set -m
  (PORT=$STALL_PORT; put cancel.xml inbox/cancel.xml) &
  sending=$!
  until [ -e stalled ]; do
    kill -0 "$sending" || { echo "it ended by itself"; return 1; }
    [ $((tenths += 1)) -lt "$patience" ] || { kill -KILL -- "-$sending"; echo "it sent too little"; return 1; }
    sleep 0.1
  done
  kill -KILL -- "-$sending"
  ! wait "$sending"
}

do_empty() { put empty.xml inbox/empty.xml; }
do_limit() { put limit.xml inbox/limit.xml; }
do_limit_over() { put limit-over.xml inbox/limit-over.xml; }

do_names() {
  local name
  while IFS= read -r name; do
    put "names/$name" "inbox/$name"
  done < names.txt
}

do_wrong_key() {
  if (KEY=$WRONG_KEY; put put.xml inbox/wrong-key.xml); then
    echo "it was let in"
    return 1
  fi
}

do_receipt() {
  local tenths=0
  until get inbox/put.xml.receipt.json fetched.json; do
    [ $((tenths += 1)) -lt "$patience" ] || return 1
    sleep 0.1
  done
}
