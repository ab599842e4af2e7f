#!/usr/bin/env bash
# ecocd's SFTP door and OpenSSH's internal-sftp, side by side on this machine, by the same clients.
#
#   benches/compare-sftp.sh [--rounds R] [--data DIR] [--only NAME[,NAME…]] [--program FILE]
#
# Prints a table: the median of R rounds (5) of each, and ecocd's in proportion to OpenSSH's. Rounds
# of the two take turns. --data names the folder whose disk both write to; a folder below target/ by
# default, because /tmp may be no disk at all. NAMEs: one lftp8 gen8 gen32 large logins stats memory.
# --program and --generator name an ecocd and a load generator that are built already.
# Debian packages: openssh-client, openssh-server, lftp, python3.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=5 data=$PWD/target/compare program= generator= only=one,lftp8,gen8,gen32,large,logins,stats,memory
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2 ;;
    --data) data=$2 ;;
    --only) only=$2 ;;
    --program) program=$2 ;;
    --generator) generator=$2 ;;
    *) sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 64 ;;
  esac
  shift 2
done

work=$(mkdir -p "$data" && mktemp -d "$data/XXXXXX")
ecocd=
finish() {
  [ -z "$ecocd" ] || kill "$ecocd" 2>/dev/null || true
  [ ! -f "$work/sshd/pid" ] || tests/services/sshd stop "$work/sshd" || true
  rm -rf "$work"
}
trap finish EXIT
say() { echo "$*" >&2; }

# --- the two servers ----------------------------------------------------------------------------

executable() {
  cargo bench --quiet --locked --bench sftp --no-run --message-format=json \
    | python3 -c 'import json, sys
for line in sys.stdin:
    made = json.loads(line)
    if made.get("executable") and made["target"]["name"] == sys.argv[1]: print(made["executable"])' "$1"
}
case ,$only, in
  *,gen8,* | *,gen32,* | *,logins,* | *,memory,*)
    [ -n "$generator" ] || generator=$(executable sftp)
    ;;
esac
[ -n "$program" ] || program=$(executable ecocd)

declare -A port login key
server=$(tests/services/sshd start "$work/sshd")
mkdir "$work/sshd/files/inbox"
port[openssh]=${server#*:} login[openssh]=$(id -un) key[openssh]=$work/sshd/key

. tests/services/ports.sh
port[ecocd]=$(free_port) login[ecocd]=bench-robot key[ecocd]=$work/robot
mkdir "$work/data"
cat > "$work/ecocd.toml" <<END
version = 1
[service]
data = '$work/data'
[web]
listen = '127.0.0.1:$(free_port)'
[check]
file-bytes-max = 600_000_000
[sftp]
listen = '127.0.0.1:${port[ecocd]}'
sessions-max = 5000
sessions-per-account-max = 5000
channels-per-account-max = 5000
unauthenticated-max = 5000
uploads-bytes-max = 4_000_000_000
${ECOCD_BENCH_SFTP:-}
END
ssh-keygen -q -t ed25519 -N '' -f "$work/robot"
run() { "$program" "$@" --config "$work/ecocd.toml"; }
{
  run account add bench 'Bench Motor Company'
  run user add bench-robot --account bench --role upload --machine
  run user key add bench-robot "$work/robot.pub"
} > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
ulimit -n "$(ulimit -H -n)"
"$program" serve --config "$work/ecocd.toml" >> "$work/log" 2>&1 &
ecocd=$!
wait_for_port "${port[ecocd]}" || { cat "$work/log" >&2; exit 1; }

# --- what is sent ---------------------------------------------------------------------------------

# Distinct certificates of 17 kB; the number at the end is the first vehicle's.
certificates() {
  python3 - tests/cases/samples/valid/01-m1-petrol.xml "$work/files" "$1" "$2" <<'END'
import pathlib, re, shutil, sys, uuid
sample, folder, count, first = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
text = pathlib.Path(sample).read_text()
vin = re.search("<VehicleIdentificationNumber>([^<]*)", text)[1]
reference = re.search("<IviReferenceId>([^<]*)", text)[1]
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()
for number in range(first, first + count):
    one = text.replace(vin, f"SXZM1P000{number:08}").replace(reference, str(uuid.uuid4()))
    (folder / f"{number}.xml").write_text(one)
END
}
sent=0
fresh() {
  certificates "$1" "$sent"
  sent=$((sent + $1))
}

options() {
  printf '%s ' -F /dev/null -i "${key[$1]}" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes -o KexAlgorithms=curve25519-sha256
}
seconds() {
  local began
  began=$(date +%s.%N)
  "$@" > /dev/null
  python3 -c "import time; print(f'{time.time() - $began:.3f}')"
}
rate() { python3 -c "print(f'{$1 / $2:.1f}')"; }
# Until ecocd has judged what came, so that the next round is not measured beside it.
quiet() {
  local before now=-1
  while before=$now; now=$(awk '{ print $14 + $15 }' "/proc/$ecocd/stat"); [ "$now" != "$before" ]; do sleep 0.5; done
}

# --- the measurements: each prints one figure, larger is better ---------------------------------

measure_one() {
  fresh 1000
  rate 1000 "$(seconds sftp $(options "$1") -P "${port[$1]}" -b <(echo "put $work/files/*.xml inbox/") "${login[$1]}@127.0.0.1")"
}
measure_lftp8() {
  fresh 1000
  rate 1000 "$(HOME=$work seconds lftp -c "set sftp:connect-program \"ssh -a -x $(options "$1")\"; open -u ${login[$1]}, \
sftp://127.0.0.1:${port[$1]}; mirror -R -P 8 --no-perms $work/files inbox")"
}
generate() {
  local server=$1
  shift
  "$generator" --server "127.0.0.1:${port[$server]}" --login "${login[$server]}" --key "${key[$server]}" "$@"
}
measure_gen8() { fresh 1500; generate "$1" files "$work/files" --connections 8; }
measure_gen32() { fresh 1500; generate "$1" files "$work/files" --connections 32; }
measure_large() {
  [ -f "$work/large" ] || head -c 500000000 /dev/urandom > "$work/large"
  rate 500 "$(seconds sftp $(options "$1") -P "${port[$1]}" -b <(echo "put $work/large inbox/large.bin") "${login[$1]}@127.0.0.1")"
}
measure_logins() { generate "$1" logins --count 200 --at-once 4; }
# 100,000 STATs in one go: INIT, then as fast as the server takes them.
stats() {
  python3 -c '
import struct, sys
def packet(kind, body): return struct.pack(">IB", len(body) + 1, kind) + body
path = b"inbox"
sys.stdout.buffer.write(packet(1, struct.pack(">I", 3)))
for number in range(100000):
    sys.stdout.buffer.write(packet(17, struct.pack(">II", number, len(path)) + path))'
}
measure_stats() {
  [ -f "$work/stats" ] || stats > "$work/stats"
  python3 - "$work/stats" ssh $(options "$1") -p "${port[$1]}" -s "${login[$1]}@127.0.0.1" sftp <<'END'
import subprocess, sys, threading, time
octets = open(sys.argv[1], "rb").read()
began = time.monotonic()
ssh = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
# The end is not said before the last answer came.
threading.Thread(target=lambda: (ssh.stdin.write(octets), ssh.stdin.flush())).start()
answers, left = 0, b""
while answers < 100001:
    came = ssh.stdout.read1(1 << 20)
    assert came, f"only {answers} answers"
    left += came
    at = 0
    while len(left) - at >= 4:
        size = 4 + int.from_bytes(left[at:at + 4], "big")
        if len(left) - at < size: break
        at += size
        answers += 1
    left = left[at:]
print(f"{100000 / (time.monotonic() - began):.0f}")
ssh.stdin.close()
ssh.wait()
END
}

median() { sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

compare() {
  local name=$1 what=$2 server
  case ,$only, in *",$name,"*) ;; *) return 0 ;; esac
  for server in openssh ecocd; do : > "$work/$server.$name"; done
  for _ in $(seq "$rounds"); do
    for server in openssh ecocd; do
      "measure_$name" "$server" >> "$work/$server.$name"
      quiet
      # Small files stay with both: where a file system has no journal, it passes over inodes that were freed
      # lately, and whoever makes files next pays for it.
      find "$work/sshd/files/inbox" "$work/data" -name large.bin -delete
    done
  done
  python3 - "$what" "$(median < "$work/ecocd.$name")" "$(median < "$work/openssh.$name")" <<'END'
import sys
what, ours, theirs = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
print(f"| {what} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.2f} |", flush=True)
END
  say "$name: ecocd $(tr '\n' ' ' < "$work/ecocd.$name") openssh $(tr '\n' ' ' < "$work/openssh.$name")"
}

echo '| what | ecocd | OpenSSH | ratio |'
echo '|---|---:|---:|---:|'
compare one '1,000 files over one connection, sftp of OpenSSH, files/s'
compare lftp8 '1,000 files over 8 connections, lftp, files/s'
compare gen8 '1,500 files over 8 connections, load generator, files/s'
compare gen32 '1,500 files over 32 connections, load generator, files/s'
compare large 'one file of 500 MB, MB/s'
compare logins 'log-ins/s, four at once'
compare stats '100,000 pipelined STATs, answers/s'

resident() { awk '/^VmRSS/ { print $2 }' "/proc/$ecocd/status"; }
case ,$only, in *,memory,*)
  quiet
  before=$(resident)
  # A client that never reads an answer.
  [ -f "$work/stats" ] || stats > "$work/stats"
  mkfifo "$work/unread"
  sleep 20 < "$work/unread" &
  unread=$!
  timeout 15 ssh $(options ecocd) -p "${port[ecocd]}" -s "${login[ecocd]}@127.0.0.1" sftp < "$work/stats" > "$work/unread" || true &
  most=$before
  for _ in $(seq 60); do now=$(resident); [ "$now" -le "$most" ] || most=$now; sleep 0.2; done
  kill "$unread" 2>/dev/null || true
  echo "| memory more while a client sends 100,000 STATs and never reads, kB | $((most - before)) | | |"
  quiet
  before=$(resident)
  coproc idle { generate ecocd idle --count 2000; }
  idle_pid=$idle_PID
  read -r _ <&"${idle[0]}"
  sleep 2
  full=$(resident)
  echo >&"${idle[1]}"
  wait "$idle_pid" || true
  sleep 10
  echo "| memory of an idle session that is logged in, kB (2,000 sessions) | $(((full - before) / 2000)) | | |"
  echo "| memory before, with, and after 2,000 sessions, kB | $before, $full, $(resident) | | |"
esac
